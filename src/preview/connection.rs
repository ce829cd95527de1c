//! One connection: requests in, answers out, within bounds of time and size.
//!
//! A client that is slow, silent or greedy costs one thread for a bounded time; more clients than there are places are
//! turned away.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::events::Events;
use super::request::{Head, LONGEST_HEAD, Method, Request, parse};
use super::response::Response;

/// Connections at once.
const PLACES: usize = 128;
/// Event streams at once, of the places.
const STREAMS: usize = 64;
/// How long a head or a body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(10);
/// How long a connection may stay silent between requests.
const IDLE: Duration = Duration::from_secs(30);
/// How long a client may take to take what it asked for, a write at a time.
const TAKING: Duration = Duration::from_secs(20);
/// How often a silent event stream says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often an event stream looks whether its reader is still there.
const LOOK: Duration = Duration::from_secs(1);
/// What is still read of a request that was refused, in bytes, so that its answer arrives.
const LINGER: usize = 512 << 10;

/// What a request gets.
pub(super) enum Answer {
    /// An answer.
    Response(Response),
    /// The stream of events, until one side leaves.
    Stream,
}

/// Who answers.
pub(super) trait Answers: Sync {
    /// Answers a request.
    fn answer(&self, request: &Request, body: &[u8]) -> Answer;
    /// What streams tell.
    fn events(&self) -> &Events;
}

/// The places of connections that are taken.
#[derive(Default)]
pub(super) struct Places {
    taken: AtomicUsize,
    streams: AtomicUsize,
}

/// A place of a connection, free again when it is dropped.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn take(counter: &AtomicUsize, most: usize) -> Option<Place<'_>> {
    let place = Place(counter);
    (counter.fetch_add(1, Ordering::AcqRel) < most).then_some(place)
}

/// Serves one connection until it ends.
pub(super) fn serve(stream: TcpStream, places: &Places, app: &dyn Answers) {
    let Some(_place) = take(&places.taken, PLACES) else {
        let _ = turn_away(stream, "the preview has more connections than it serves; close some pages");
        return;
    };
    // Errors here are those of the client's end; there is nobody to tell.
    let _ = converse(stream, places, app);
}

fn turn_away(mut stream: TcpStream, words: &str) -> io::Result<()> {
    stream.set_write_timeout(Some(Duration::from_secs(1)))?;
    Response::plain(503, words).write(&mut stream, true, false)
}

fn converse(mut stream: TcpStream, places: &Places, app: &dyn Answers) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(TAKING))?;
    let mut buffer = Vec::new();
    loop {
        let request = match read_head(&mut stream, &mut buffer)? {
            Heard::Request(request) => request,
            Heard::Refused(status) => return refuse(stream, status),
            Heard::Nothing => return Ok(()),
        };
        let Some(body) = read_body(&mut stream, &mut buffer, request.length)? else { return refuse(stream, 408) };
        let crowded = places.taken.load(Ordering::Acquire) > PLACES / 2;
        let keep_alive = request.keep_alive && !crowded;
        match app.answer(&request, &body) {
            Answer::Response(response) => response.write(&mut stream, request.method != Method::Head, keep_alive)?,
            Answer::Stream => return tell(stream, places, app.events()),
        }
        if !keep_alive {
            return part(stream);
        }
    }
}

/// What came of waiting for a request.
enum Heard {
    Request(Box<Request>),
    Refused(u16),
    Nothing,
}

fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Heard> {
    let mut deadline = Instant::now() + if buffer.is_empty() { IDLE } else { ARRIVAL };
    loop {
        match parse(buffer) {
            Head::Whole(request, length) => {
                buffer.drain(..length);
                return Ok(Heard::Request(request));
            }
            Head::Refused(status) => return Ok(Heard::Refused(status)),
            Head::Partial => {}
        }
        let silent = buffer.is_empty();
        match read_some(stream, buffer, deadline)? {
            Some(0) => return Ok(if silent { Heard::Nothing } else { Heard::Refused(400) }),
            Some(_) if silent => deadline = Instant::now() + ARRIVAL,
            Some(_) => {}
            None => return Ok(if silent { Heard::Nothing } else { Heard::Refused(408) }),
        }
    }
}

/// Reads the body; none when it does not arrive.
fn read_body(stream: &mut TcpStream, buffer: &mut Vec<u8>, length: usize) -> io::Result<Option<Vec<u8>>> {
    let deadline = Instant::now() + ARRIVAL;
    while buffer.len() < length {
        if let None | Some(0) = read_some(stream, buffer, deadline)? {
            return Ok(None);
        }
    }
    Ok(Some(buffer.drain(..length).collect()))
}

/// Reads what there is, until the deadline; none when nothing came.
fn read_some(stream: &mut TcpStream, buffer: &mut Vec<u8>, deadline: Instant) -> io::Result<Option<usize>> {
    let mut chunk = [0; 4096];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut chunk) {
            Ok(read) => {
                buffer.extend_from_slice(&chunk[..read]);
                return Ok(Some(read));
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                return Ok(None);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn refuse(mut stream: TcpStream, status: u16) -> io::Result<()> {
    let words = match status {
        405 => "only GET, HEAD and, for forms of the desk, POST are answered",
        408 => "the request did not arrive in time",
        413 => "the body is longer than any form of the desk",
        431 => "the head of the request is too long",
        _ => "this is no request the preview understands",
    };
    Response::plain(status, words).write(&mut stream, true, false)?;
    part(stream)
}

/// Ends a connection so that the last answer still arrives: what the client goes on sending is read and dropped.
fn part(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    let deadline = Instant::now() + Duration::from_millis(500);
    let mut dropped = Vec::new();
    let mut total = 0;
    while let Some(read) = read_some(&mut stream, &mut dropped, deadline)?.filter(|&read| read > 0) {
        total += read;
        dropped.clear();
        if total > LINGER + LONGEST_HEAD {
            break;
        }
    }
    Ok(())
}

/// Writes events until the reader leaves.
fn tell(mut stream: TcpStream, places: &Places, events: &Events) -> io::Result<()> {
    let Some(_place) = take(&places.streams, STREAMS) else {
        return turn_away(stream, "the preview has more open pages than it can tell of changes; close some");
    };
    stream.write_all(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
          Cross-Origin-Resource-Policy: same-origin\r\nConnection: close\r\n\r\nretry: 500\n\n",
    )?;
    let mut told = events.now();
    stream.write_all(told.event().as_bytes())?;
    let mut spoke = Instant::now();
    loop {
        match events.after(told.number, LOOK) {
            Some(news) => {
                told = news;
                stream.write_all(told.event().as_bytes())?;
                spoke = Instant::now();
            }
            None if spoke.elapsed() > HEARTBEAT => {
                stream.write_all(b": still here\n\n")?;
                spoke = Instant::now();
            }
            None => {}
        }
        if left(&stream)? {
            return Ok(());
        }
    }
}

/// Tells whether the other side has closed the connection.
fn left(stream: &TcpStream) -> io::Result<bool> {
    stream.set_nonblocking(true)?;
    let peeked = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    Ok(match peeked {
        Ok(0) => true,
        Ok(_) => false,
        Err(error) => error.kind() != io::ErrorKind::WouldBlock,
    })
}
