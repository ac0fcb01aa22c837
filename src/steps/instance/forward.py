"""Passes connections on: forward.py LISTEN TARGET, each `unix:/path` or `tcp:host:port`.

An instance's Odoo has no network but loopback. One of these runs beside it and listens on a unix socket in a volume;
another, in a container that holds nothing of the customer's, listens on the published port.
"""
import asyncio
import os
import socket
import struct
import sys

# How long a connection waits for the other side, which may be starting.
PATIENCE = 60


def parse(text):
    kind, _, rest = text.partition(":")
    if kind == "unix":
        return kind, rest, None
    host, _, port = rest.rpartition(":")
    return kind, host, int(port)


def gateway():
    """Returns the address from which the engine passes on what reaches the published port."""
    with open("/proc/net/route") as table:
        for line in table:
            fields = line.split()
            if fields[1] == "00000000":
                return socket.inet_ntoa(struct.pack("<L", int(fields[2], 16)))
    return None


async def connect(target):
    kind, place, port = target
    for _ in range(PATIENCE * 5):
        try:
            if kind == "unix":
                return await asyncio.open_unix_connection(place)
            return await asyncio.open_connection(place, port)
        except OSError:
            await asyncio.sleep(0.2)
    raise OSError("nobody listens on %s" % place)


async def pump(reader, writer):
    try:
        while True:
            data = await reader.read(65536)
            if not data:
                break
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        # One direction is broken: end the other one too.
        writer.close()


async def main(listen, target):
    kind, place, port = listen
    # Other containers on the same network are not the host.
    host = gateway() if kind == "tcp" else None

    async def accepted(reader, writer):
        if host and writer.get_extra_info("peername")[0] != host:
            writer.close()
            return
        try:
            far_reader, far_writer = await connect(target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))
        writer.close()
        far_writer.close()

    if kind == "unix":
        if os.path.exists(place):
            os.unlink(place)
        server = await asyncio.start_unix_server(accepted, place)
        os.chmod(place, 0o666)
    else:
        server = await asyncio.start_server(accepted, place, port)
    async with server:
        await server.serve_forever()


asyncio.run(main(parse(sys.argv[1]), parse(sys.argv[2])))
