//! A door in front of `exacta serve`, whose address stays when the server behind it is changed, and which tells
//! those who ask how a job stands what the test wants them to hear. All else passes as it is.
#![allow(dead_code)] // Each test takes what it needs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::common::{Answer, Server};

/// Longer than anything here takes, shorter than a person's patience.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Door {
    pub url: String,
    room: Arc<Mutex<Room>>,
    questions: Receiver<()>,
}

/// What is behind the door.
#[derive(Default)]
struct Room {
    /// Without one nobody is answered.
    server: Option<Server>,
    /// The state that jobs are said to be in, whatever they are.
    state: Option<&'static str>,
    /// The most jobs on a page, whatever is asked for.
    page_size_max: Option<usize>,
}

impl Door {
    pub fn of(server: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let room = Arc::new(Mutex::new(Room { server: Some(server), ..Room::default() }));
        let (asked, questions) = mpsc::channel();
        let behind = Arc::clone(&room);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (room, asked) = (Arc::clone(&behind), asked.clone());
                std::thread::spawn(move || pass(&stream.unwrap(), &room, &asked));
            }
        });
        Self { url, room, questions }
    }

    /// From now on each job is said to be in this state; without one, the truth is said.
    pub fn say(&self, state: Option<&'static str>) {
        self.room.lock().unwrap().state = state;
    }

    pub fn limit_pages(&self, page_size_max: usize) {
        self.room.lock().unwrap().page_size_max = Some(page_size_max);
    }

    /// Takes the server away: from now on nobody is answered.
    pub fn take(&self) -> Server {
        let server = self.room.lock().unwrap().server.take();
        // Questions from before are answered, and none is answered after.
        while self.questions.try_recv().is_ok() {}
        server.unwrap()
    }

    pub fn put(&self, server: Server) {
        self.room.lock().unwrap().server = Some(server);
    }

    /// Waits until somebody has asked how a job stands.
    pub fn wait_for_question(&self) {
        self.questions.recv_timeout(PATIENCE).expect("somebody asks");
    }
}

impl Drop for Door {
    /// The threads of the door would keep the server longer than the test.
    fn drop(&mut self) {
        let room = self.room.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        drop({ room }.server.take());
    }
}

/// Answers one request and closes; requests come in one at a time.
fn pass(stream: &TcpStream, room: &Mutex<Room>, asked: &Sender<()>) {
    let Some((method, path, body)) = read_request(stream) else { return };
    let room = room.lock().unwrap();
    let names = path.trim_start_matches("/v1/jobs").trim_start_matches('/');
    let is_question = method == "GET" && path.starts_with("/v1/jobs/") && !names.contains('/');
    if let Some(server) = &room.server {
        let path = room.page_size_max.map_or(path.clone(), |n| smaller_page(&path, n));
        let answer = server.send(&method, &path, "", &body);
        let state = room.state.filter(|_| is_question && answer.status == 200);
        let text = state.map_or(answer.body.clone(), |state| in_state(&answer, state));
        let (status, length) = (answer.status, text.len());
        let media_type = answer.header("content-type").unwrap();
        let head = format!(
            "HTTP/1.1 {status} -\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        // Who asks may be gone.
        let _ = { stream }.write_all((head + &text).as_bytes());
    }
    if is_question {
        // The test may have ended.
        let _ = asked.send(());
    }
}

/// The job as if it stood elsewhere.
fn in_state(answer: &Answer, state: &str) -> String {
    let mut job = answer.json();
    let members = job.as_object_mut().unwrap();
    members.insert("state".to_owned(), Value::from(state));
    members.remove("finished_at");
    job.to_string()
}

fn smaller_page(path: &str, page_size_max: usize) -> String {
    path.replace("page_size=1000", &format!("page_size={page_size_max}"))
}

/// The method, the path and the body of a request; nothing of one that ends early.
fn read_request(stream: &TcpStream) -> Option<(String, String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let mut words = head.split(' ').map(str::to_owned);
    Some((words.next()?, words.next()?, body))
}
