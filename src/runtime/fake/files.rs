//! A file system in memory.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

/// Something in a file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A folder.
    Folder,
    /// A file and its content.
    File(Vec<u8>),
    /// A symbolic link and where it points.
    Link(PathBuf),
}

/// A file system in memory. Its paths are absolute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<PathBuf, Node>);

impl Files {
    /// Puts something at a path and makes the folders it needs.
    pub fn put(&mut self, path: impl AsRef<Path>, node: Node) {
        let path = clean(path.as_ref());
        for folder in path.ancestors().skip(1) {
            self.0.entry(folder.into()).or_insert(Node::Folder);
        }
        if !(node == Node::Folder && self.0.contains_key(&path)) {
            self.0.insert(path, node);
        }
    }

    /// Returns what is at a path.
    pub fn get(&self, path: impl AsRef<Path>) -> Option<&Node> {
        self.0.get(&clean(path.as_ref()))
    }

    /// Unpacks a tar archive into a folder.
    pub(super) fn unpack(&mut self, folder: &Path, archive: impl Read) -> io::Result<()> {
        for entry in tar::Archive::new(archive).entries()? {
            let mut entry = entry?;
            let path = folder.join(entry.path()?);
            let kind = entry.header().entry_type();
            let node = if kind.is_dir() {
                Node::Folder
            } else if let Some(target) = entry.link_name()?.filter(|_| kind.is_symlink()) {
                Node::Link(target.into_owned())
            } else {
                let mut content = Vec::new();
                entry.read_to_end(&mut content)?;
                Node::File(content)
            };
            self.put(path, node);
        }
        Ok(())
    }

    /// Packs what is at a path and below, named from the path's last part on.
    pub(super) fn pack(&self, path: &Path, out: impl Write) -> io::Result<()> {
        let path = clean(path);
        let root = path.parent().unwrap_or(Path::new("/"));
        let mut builder = tar::Builder::new(out);
        for (at, node) in self.0.iter().filter(|(at, _)| at.starts_with(&path)) {
            let name = at.strip_prefix(root).unwrap_or(at);
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            match node {
                Node::Folder => {
                    header.set_entry_type(tar::EntryType::Directory);
                    header.set_mode(0o755);
                    header.set_size(0);
                    builder.append_data(&mut header, name, io::empty())?;
                }
                Node::File(content) => {
                    header.set_size(content.len() as u64);
                    builder.append_data(&mut header, name, content.as_slice())?;
                }
                Node::Link(target) => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    header.set_size(0);
                    builder.append_link(&mut header, name, target)?;
                }
            }
        }
        builder.finish()
    }
}

/// Makes a path absolute, without `.` and `..`.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::Normal(part) => cleaned.push(part),
            Component::ParentDir => {
                cleaned.pop();
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_unpacks_to_the_same(files in prop::collection::btree_map(
            "[a-zå ]{1,120}", prop::collection::vec(any::<u8>(), 0..2000), 0..8,
        )) {
            let mut before = Files::default();
            before.put("/data", Node::Folder);
            for (name, content) in files {
                before.put(Path::new("/data").join(name), Node::File(content));
            }
            let mut archive = Vec::new();
            before.pack(Path::new("/data"), &mut archive).unwrap();
            let mut after = Files::default();
            after.unpack(Path::new("/"), archive.as_slice()).unwrap();
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn a_path_cannot_leave_the_root() {
        assert_eq!(clean(Path::new("../../a/./b/../c")), Path::new("/a/c"));
    }
}
