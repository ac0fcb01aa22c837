# Runs a Docker daemon as it is told on standard input, a word a line: start, stop, kill. Answers each with "done".
# When nobody is left to tell, not even a killed test, everything it started is killed and its folders are removed.
# Arguments: a folder for small files and the socket, a folder for images and containers.
if [ "${3-}" != inside ]; then
    # The first process of a process namespace takes all others with it, and their mounts go with the mount namespace.
    # A network of its own, because a daemon that is to have no bridge removes the one that the shared daemon has.
    unshare --net --mount --pid --fork --kill-child --mount-proc sh "$0" "$1" "$2" inside
    find /sys/fs/cgroup -depth -type d -path "*/$(basename "$1")*" -exec rmdir {} + 2>/dev/null
    rm -rf "$1" "$2"
    exit
fi
# Where the shims of all containers on a machine have their sockets.
mkdir -p /run/containerd && mount -t tmpfs tmpfs /run/containerd
echo '{}' >"$1/daemon.json"
while read -r order; do
    case $order in
    start)
        rm -f "$1/docker.pid"
        dockerd --config-file "$1/daemon.json" --data-root "$2" --exec-root "$1/exec" --pidfile "$1/docker.pid" \
            --host "unix://$1/docker.sock" --cgroup-parent "/$(basename "$1")" --bridge none --iptables=false \
            >>"$1/log" 2>&1 </dev/null &
        ;;
    stop) kill -TERM $! && wait $! ;;
    kill) kill -KILL $! && wait $! 2>/dev/null ;;
    esac
    echo "done"
done
