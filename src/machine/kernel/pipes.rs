//! Reading and writing through descriptors: terminal, pipes and files.

use super::descriptors::{Chunk, Fd, Pipe, PipeId, Stream};
use super::devices::endless;
use super::task::TaskId;
use super::tree::Kernel;
use crate::machine::vfs::View;

/// How full a pipe may be before its writer pauses, in bytes.
const PIPE_MAX: usize = 64 * 1024;

impl Kernel {
    pub fn new_pipe(&mut self) -> PipeId {
        let id = self.next;
        self.next += 1;
        self.pipes.insert(id, Pipe::default());
        id
    }

    pub fn pipe_has(&self, end: &Fd) -> bool {
        self.tasks.values().any(|task| task.holds(end))
    }

    pub fn close_pipes(&mut self) {
        let gone: Vec<PipeId> =
            self.pipes.keys().copied().filter(|id| !self.pipe_has(&Fd::PipeRead(*id)) && !self.pipe_has(&Fd::PipeWrite(*id))).collect();
        for id in gone {
            self.pipes.remove(&id);
        }
    }

    /// What a pipe holds now.
    pub fn take_from_pipe(&mut self, id: PipeId) -> Vec<u8> {
        self.pipes.get_mut(&id).map(|pipe| std::mem::take(&mut pipe.bytes)).unwrap_or_default()
    }

    /// Everything that a pipe holds, which is then gone.
    pub fn drain_pipe(&mut self, id: PipeId) -> Vec<u8> {
        self.pipes.remove(&id).map(|pipe| pipe.bytes).unwrap_or_default()
    }

    /// Writes to where a descriptor leads. False: the pipe has no reader.
    pub fn write(&mut self, id: TaskId, fd: u32, bytes: &[u8], files: &mut View<'_>) -> bool {
        self.written += bytes.len();
        let Some(fd) = self.tasks.get(&id).and_then(|task| task.fds.get(&fd)).cloned() else { return true };
        match &fd {
            Fd::FileWrite { path } => {
                if let Err(error) = files.append(path, bytes) {
                    let message = format!("write error: {error}\n");
                    self.write_fd(&Fd::Terminal(Stream::Stderr), message.as_bytes());
                }
                true
            }
            _ => self.write_fd(&fd, bytes),
        }
    }

    pub fn write_fd(&mut self, fd: &Fd, bytes: &[u8]) -> bool {
        match fd {
            Fd::Terminal(stream) => match self.output.last_mut() {
                _ if bytes.is_empty() => {}
                Some(last) if last.stream == *stream => last.bytes.extend_from_slice(bytes),
                _ => self.output.push(Chunk { stream: *stream, bytes: bytes.to_vec() }),
            },
            Fd::PipeWrite(pipe) => {
                if !self.pipe_has(&Fd::PipeRead(*pipe)) {
                    return false;
                }
                if let Some(pipe) = self.pipes.get_mut(pipe) {
                    pipe.bytes.extend_from_slice(bytes);
                }
            }
            _ => {}
        }
        true
    }

    /// What a descriptor has to read: `None` nothing yet, empty at the end.
    pub fn read_some(&mut self, id: TaskId, fd: u32, files: &View<'_>) -> Option<Vec<u8>> {
        let found = self.tasks.get(&id).and_then(|task| task.fds.get(&fd)).cloned().unwrap_or(Fd::Null);
        match found {
            Fd::Null | Fd::PipeWrite(_) | Fd::FileWrite { .. } => Some(Vec::new()),
            Fd::Terminal(_) => {
                if !self.input.is_empty() {
                    return Some(std::mem::take(&mut self.input));
                }
                // On a terminal, Ctrl-D ends one reading; a pipe that has ended stays so.
                let ended = self.input_ended;
                self.input_ended &= !self.terminal;
                ended.then(Vec::new)
            }
            Fd::PipeRead(pipe) => {
                let bytes = self.take_from_pipe(pipe);
                if bytes.is_empty() && self.pipe_has(&Fd::PipeWrite(pipe)) { None } else { Some(bytes) }
            }
            Fd::FileRead { path, offset } => {
                if let Some(bytes) = endless(files, &path) {
                    self.written += bytes.len();
                    return Some(bytes);
                }
                let bytes = files.read(&path).unwrap_or_default();
                let rest = bytes.get(offset..).unwrap_or_default().to_vec();
                self.advance(id, fd, rest.len());
                Some(rest)
            }
            Fd::Bytes { bytes, offset } => {
                let rest = bytes.get(offset..).unwrap_or_default().to_vec();
                self.advance(id, fd, rest.len());
                Some(rest)
            }
        }
    }

    /// Puts bytes back that a reader did not want, such as what follows the line that `read` took.
    pub fn unread(&mut self, id: TaskId, fd: u32, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        match self.tasks.get_mut(&id).and_then(|task| task.fds.get_mut(&fd)) {
            Some(Fd::Terminal(_)) => {
                let later = std::mem::replace(&mut self.input, bytes);
                self.input.extend(later);
            }
            Some(Fd::PipeRead(pipe)) => {
                let pipe = *pipe;
                let held = self.pipes.entry(pipe).or_default();
                let later = std::mem::replace(&mut held.bytes, bytes);
                held.bytes.extend(later);
            }
            Some(Fd::FileRead { offset, .. } | Fd::Bytes { offset, .. }) => *offset = offset.saturating_sub(bytes.len()),
            _ => {}
        }
    }

    pub fn advance(&mut self, id: TaskId, fd: u32, by: usize) {
        if let Some(Fd::FileRead { offset, .. } | Fd::Bytes { offset, .. }) = self.tasks.get_mut(&id).and_then(|task| task.fds.get_mut(&fd)) {
            *offset += by;
        }
    }

    /// Whether a task's standard input has something to read, or its end.
    pub fn has_input(&self, id: TaskId) -> bool {
        match self.tasks.get(&id).and_then(|task| task.fds.get(&0)) {
            Some(Fd::Terminal(_)) => !self.input.is_empty() || self.input_ended,
            Some(Fd::PipeRead(pipe)) => self.pipes.get(pipe).is_some_and(|pipe| !pipe.bytes.is_empty()) || !self.pipe_has(&Fd::PipeWrite(*pipe)),
            _ => true,
        }
    }

    pub fn pipe_is_full(&self, id: TaskId) -> bool {
        match self.tasks.get(&id).and_then(|task| task.fds.get(&1)) {
            Some(Fd::PipeWrite(pipe)) => self.pipes.get(pipe).is_some_and(|pipe| pipe.bytes.len() > PIPE_MAX) && self.pipe_has(&Fd::PipeRead(*pipe)),
            _ => false,
        }
    }
}
