//! A preview under test, and a small client for it.
#![allow(clippy::unwrap_used, reason = "a test may stop where it is surprised")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running `jianfan serve`, ended when it is dropped.
pub(crate) struct Preview {
    child: Child,
    pub(crate) port: u16,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let line = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
        Some(line[name.len() + 1..].trim())
    }
}

/// A connection that stays open.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
    port: u16,
}

/// The events of a preview, as an open page hears them.
pub(crate) struct Listener(BufReader<TcpStream>);

impl Preview {
    /// Starts the preview of a site on any free port.
    pub(crate) fn start(root: &Path, more: &[&str]) -> Preview {
        let preview = Preview::spawn(root, more);
        preview.listen().until(|event| !event.contains(".0\""));
        preview
    }

    /// Starts the preview of a site that cannot be built as it is.
    pub(crate) fn start_broken(root: &Path) -> Preview {
        let preview = Preview::spawn(root, &[]);
        preview.listen().until(|event| event.contains("error["));
        preview
    }

    fn spawn(root: &Path, more: &[&str]) -> Preview {
        let mut child = Command::new(super::JIANFAN)
            .arg("--root")
            .arg(root)
            .args(["serve", "--port", "0"])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.strip_prefix("http://localhost:").and_then(|rest| rest.split('/').next()).expect("an address");
        let port = port.parse().unwrap();
        Preview { child, port }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Sends bytes and reads all that comes back.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Reply {
        let mut stream = self.connect();
        // A server that refuses closes before it has read everything.
        let _ = stream.write_all(bytes);
        let mut all = Vec::new();
        let _ = stream.read_to_end(&mut all);
        reply(&all)
    }

    /// One request with header lines of its own.
    pub(crate) fn ask(&self, method: &str, path: &str, lines: &str) -> Reply {
        let host = if lines.contains("Host:") { String::new() } else { format!("Host: 127.0.0.1:{}\r\n", self.port) };
        self.raw(format!("{method} {path} HTTP/1.1\r\n{host}{lines}Connection: close\r\n\r\n").as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, "")
    }

    /// Sends a form of the desk.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let body = body.join("&");
        let host = format!("127.0.0.1:{}", self.port);
        self.raw(
            format!(
                "POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        )
    }

    pub(crate) fn client(&self) -> Client {
        Client { stream: BufReader::new(self.connect()), port: self.port }
    }

    /// Listens to events as an open page does.
    pub(crate) fn listen(&self) -> Listener {
        let mut stream = self.connect();
        let request = format!("GET /_preview/events HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", self.port);
        stream.write_all(request.as_bytes()).unwrap();
        Listener(BufReader::new(stream))
    }

    /// Memory in use, in KiB; none where the system does not tell.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    pub(crate) fn alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Client {
    /// Asks for a page on the open connection.
    pub(crate) fn get(&mut self, path: &str) -> Reply {
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", self.port);
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.stream.read_line(&mut head).unwrap() > 0, "the connection ended: {head}");
        }
        let mut reply = reply(head.as_bytes());
        let mut body = vec![0; reply.header("content-length").unwrap().parse().unwrap()];
        self.stream.read_exact(&mut body).unwrap();
        reply.body = String::from_utf8_lossy(&body).into_owned();
        reply
    }
}

impl Listener {
    /// Hears events until one is as wanted; gives it.
    pub(crate) fn until(&mut self, wanted: impl Fn(&str) -> bool) -> String {
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).expect("an event within a minute") > 0, "the stream ended");
            if let Some(data) = line.strip_prefix("data: ").filter(|data| wanted(data)) {
                return data.to_owned();
            }
        }
    }
}

fn reply(bytes: &[u8]) -> Reply {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Reply { status, head: head.to_owned(), body: body.to_owned() }
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
