//! Events as JSON objects, one a line: time, level and target, then what the event says, in its order.
//!
//! The layer of `tracing-subscriber` that does the same takes several times as long, which is the largest part of what
//! telemetry adds to a small request.

use std::cell::RefCell;
use std::fmt::Debug;
use std::io::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use exacta_jobs::Timestamp;
use serde::{Serialize, Serializer};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::lines::Lines;

/// Leaves a line for each event.
pub(super) struct JsonLayer(pub(super) Lines);

thread_local! {
    /// What a line is put together in, and the text of the time.
    static LINE: RefCell<(Vec<u8>, Clock)> = RefCell::default();
}

impl<S: Subscriber> Layer<S> for JsonLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        LINE.with_borrow_mut(|(line, clock)| {
            line.clear();
            write(line, clock, event);
            self.0.push(line);
        });
    }
}

fn write(line: &mut Vec<u8>, clock: &mut Clock, event: &Event<'_>) {
    let metadata = event.metadata();
    line.extend_from_slice(b"{\"timestamp\":\"");
    clock.write(line, SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
    line.push(b'"');
    let mut members = Members(line);
    members.add("level", metadata.level().as_str());
    members.add("target", metadata.target());
    event.record(&mut members);
    line.extend_from_slice(b"}\n");
}

/// The time of the line before: most lines are of the same second, and have its text in common.
#[derive(Default)]
struct Clock {
    second: u64,
    /// Up to the point behind the seconds, once there was a line.
    text: String,
}

impl Clock {
    /// Writes a time since the beginning of 1970 by RFC 3339, to the microsecond.
    fn write(&mut self, line: &mut Vec<u8>, time: Duration) {
        if self.text.is_empty() || self.second != time.as_secs() {
            self.second = time.as_secs();
            let whole = Timestamp::from_unix_millis(self.second as i64 * 1000).to_string();
            whole.trim_end_matches("000Z").clone_into(&mut self.text);
        }
        let Self { text, .. } = self;
        write!(line, "{text}{:06}Z", time.subsec_micros()).expect("a vector takes all");
    }
}

/// The members of an object, behind its first one.
struct Members<'a>(&'a mut Vec<u8>);

impl Members<'_> {
    /// Names stand in code, and are words with dots: there is nothing in them to escape.
    fn add<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) {
        let Self(line) = self;
        line.extend_from_slice(b",\"");
        line.extend_from_slice(name.as_bytes());
        line.extend_from_slice(b"\":");
        for_certain(serde_json::to_writer(&mut **line, value));
    }
}

/// Texts and numbers are written without fail into what grows.
fn for_certain(written: serde_json::Result<()>) {
    written.expect("texts and numbers have a form in JSON");
}

impl Visit for Members<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field.name(), &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field.name(), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field.name(), &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field.name(), &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field.name(), &Shown(value));
    }
}

/// What something shows of itself, as a text.
struct Shown<'a>(&'a dyn Debug);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:?}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use serde_json::{Value, json};
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::registry;

    use super::*;
    use crate::telemetry::lines::{self, tests::Kept};

    #[test]
    fn an_event_is_an_object_on_a_line_whatever_it_says() {
        let (sender, written) = channel();
        let writer = lines::Writer::start(Kept(sender)).unwrap();
        tracing::subscriber::with_default(registry().with(JsonLayer(writer.lines())), || {
            tracing::warn!(target: "exacta_test", count = 3u64, ratio = f64::NAN, less = -1i64, is_on = true,
                user.id = "a\"b\n\u{1}", none = None::<&str>, shown = %"x\ty", "said {}", 7);
            tracing::info!(target: "exacta_test", "short");
        });
        drop(writer);
        let text = String::from_utf8(written.iter().collect::<Vec<_>>().concat()).unwrap();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut first = lines[0].clone();
        let time = first.as_object_mut().unwrap().remove("timestamp").unwrap();
        let is_utc =
            |time: &str| time.len() == "2026-11-25T20:14:03.412771Z".len() && time.ends_with('Z');
        assert!(time.as_str().is_some_and(is_utc), "{time}");
        let expected = json!({
            "level": "WARN", "target": "exacta_test", "message": "said 7", "count": 3, "ratio": null, "less": -1,
            "is_on": true, "user.id": "a\"b\n\u{1}", "shown": "x\ty",
        });
        assert_eq!(first, expected);
        assert_eq!(lines[1]["message"], "short");
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn a_time_is_written_anew_with_each_second_and_its_microseconds_with_each_line() {
        let mut clock = Clock::default();
        for (seconds, micros, expected) in [
            (0, 0, "1970-01-01T00:00:00.000000Z"),
            (1_764_101_643, 412_771, "2025-11-25T20:14:03.412771Z"),
            (1_764_101_643, 412_800, "2025-11-25T20:14:03.412800Z"),
            (1_764_101_644, 7, "2025-11-25T20:14:04.000007Z"),
            // A clock may be set back.
            (1_764_101_643, 999_999, "2025-11-25T20:14:03.999999Z"),
        ] {
            let mut line = Vec::new();
            clock.write(&mut line, Duration::new(seconds, micros * 1000));
            assert_eq!(String::from_utf8(line).unwrap(), expected);
        }
    }
}
