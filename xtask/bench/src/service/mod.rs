//! `cargo xtask bench service`: what a request costs beside a call, and what the service
//! bears, beside a service of the same contract in Go. Builds, starts and measures; the
//! words of the page are in `page.md`, and what fills them is in `page`.

mod input;
mod latency;
mod load;
mod memory;
mod mixed;
mod page;
mod parse;
mod raw;
mod transfer;
mod wire;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use tempfile::TempDir;

use crate::error::{Error, at};
use crate::machine;
use crate::server::Server;
use input::Input;
use latency::Latency;
use load::Load;
use memory::{Amount, Footprint};
use mixed::Waits;
use parse::Parse;
use transfer::Transfer;

pub(crate) use raw::serve as serve_raw;

const PAGE: &str = "docs/bench/service.md";
const SCRIPT: &str = "xtask/bench/src/service/wrk.lua";
const GO_MODULE: &str = "examples/go-bridge";
/// Where Go is when it is not on the path.
const GO_HOME: &str = "/usr/local/go/bin/go";

/// How much is measured.
struct Extent {
    sizes: &'static [usize],
    /// Rounds of one caller, and of large inputs.
    n_rounds: usize,
    n_rounds_large: usize,
    /// Rounds of load and how many seconds each run takes, and the same for large inputs.
    load: (usize, u32),
    load_large: (usize, u32),
    /// Numbers that are parsed in a round.
    n_parsed: usize,
    /// Bytes of raw numbers in a body.
    transfer_bytes: u64,
    /// Rounds of small requests, alone and beside a large one, and how many seconds each of the two takes.
    mixed: (usize, u64),
    memory: Amount,
}

/// From how many numbers on an input is large: a request then takes a good part of a second.
const LARGE: usize = 1_000_000;

/// A quarter of an hour, on two cores.
const FULL: Extent = Extent {
    sizes: &[10, 100, 10_000, LARGE],
    n_rounds: 41,
    n_rounds_large: 11,
    load: (9, 1),
    load_large: (3, 8),
    n_parsed: 1_000_000,
    transfer_bytes: 256 << 20,
    mixed: (7, 4),
    memory: Amount {
        large_bytes: 1 << 30,
        n_connections: 10_000,
        n_bodies: 100,
        body_bytes: 16 << 20,
    },
};

const QUICK: Extent = Extent {
    sizes: &[10, 10_000],
    n_rounds: 5,
    n_rounds_large: 1,
    load: (1, 1),
    load_large: (1, 1),
    n_parsed: 100_000,
    transfer_bytes: 16 << 20,
    mixed: (1, 1),
    memory: Amount { large_bytes: 32 << 20, n_connections: 500, n_bodies: 10, body_bytes: 2 << 20 },
};

/// The programs that answer.
struct Services {
    /// `exacta`, as a command.
    program: PathBuf,
    exacta: Server,
    /// The same with all of it on.
    full: Full,
    raw: Server,
    /// None where Go is not installed.
    go: Option<Server>,
}

/// A service that asks who calls, and tells what it does.
struct Full {
    server: Server,
    token: String,
    /// Takes the traces.
    _collector: Server,
}

/// What was measured beside the sizes.
struct Extremes {
    parses: Vec<Parse>,
    /// None where the service refuses such bodies.
    transfer: Option<Transfer>,
    /// Alone, and beside a large body, by rounds.
    waits: Vec<[Waits; 2]>,
    /// None where the kernel does not tell.
    footprint: Option<Footprint>,
}

/// What was measured of one size.
struct Measured {
    n_numbers: usize,
    latencies: Vec<Latency>,
    /// None where wrk is not installed.
    loads: Option<Vec<Load>>,
}

/// Measures and writes the page, or prints it when it is quick.
pub(crate) fn run(root: &Path, is_quick: bool) -> Result<(), Error> {
    let extent = if is_quick { QUICK } else { FULL };
    let mut facts = machine::facts(root);
    let go = go();
    let wrk = wrk();
    facts.push((
        "go",
        go.as_ref().map_or(page::NO_GO.to_owned(), |go| machine::said(go, &["version"])),
    ));
    facts.push(("wrk", wrk.clone().unwrap_or(page::NO_WRK.to_owned())));
    let folder = TempDir::new().map_err(at(env::temp_dir()))?;
    let services = Services::start(root, go.as_deref(), folder.path())?;
    let mut measured = Vec::new();
    for n_numbers in extent.sizes {
        eprintln!("{n_numbers} numbers");
        let input = Input::new(*n_numbers, folder.path())?;
        measured.push(measure(
            &input,
            &services,
            &extent,
            wrk.is_some().then(|| root.join(SCRIPT)),
        )?);
    }
    let extremes = extremes(&services, &extent)?;
    let page = page::render(&facts, &extent, &measured, &extremes);
    if is_quick {
        print!("{page}");
        return Ok(());
    }
    write(&root.join(PAGE), &page)
}

fn write(path: &Path, page: &str) -> Result<(), Error> {
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(at(path))?;
    fs::write(path, page).map_err(at(path))?;
    println!("wrote {}", path.display());
    Ok(())
}

fn measure(
    input: &Input,
    services: &Services,
    extent: &Extent,
    script: Option<PathBuf>,
) -> Result<Measured, Error> {
    let n_numbers = input.values.len();
    let (n_rounds, load) = extent.of(n_numbers);
    let latencies = latency::measure(input, services, n_rounds)?;
    let loads = script.map(|script| load::measure(input, services, &script, load)).transpose()?;
    Ok(Measured { n_numbers, latencies, loads })
}

fn extremes(services: &Services, extent: &Extent) -> Result<Extremes, Error> {
    let n_rounds = extent.n_rounds_large;
    eprintln!("large bodies");
    let parses = parse::measure(extent.n_parsed, n_rounds)?;
    let roomy = roomy(&services.program, extent.memory)?;
    let transfer = transfer::measure(&roomy, &services.raw, extent.transfer_bytes, n_rounds)?;
    eprintln!("small requests beside a large one");
    let (n_rounds, seconds) = extent.mixed;
    let rounds = (n_rounds, Duration::from_secs(seconds));
    let waits = mixed::measure(&roomy, extent.memory.large_bytes, rounds)?;
    drop(roomy);
    eprintln!("memory");
    let footprint =
        memory::measure(|| self::roomy(&services.program, extent.memory), extent.memory)?;
    Ok(Extremes { parses, transfer, waits, footprint })
}

/// A service that takes what is large and much, and waits long enough for it.
fn roomy(program: &Path, amount: Amount) -> Result<Server, Error> {
    let mut exacta = Command::new(program);
    exacta.args(["serve", "--listen", "127.0.0.1:0", "--body-max", "2GiB"]);
    exacta.args(["--idle-timeout", "10min"]);
    // Beside those that are counted there are some that only pass; all are of one address.
    let n_connections = (2 * amount.n_connections).to_string();
    exacta.args(["--connections-max", &n_connections]);
    exacta.args(["--connections-per-address-max", &n_connections]);
    Server::start(exacta)
}

impl Extent {
    fn of(&self, n_numbers: usize) -> (usize, (usize, u32)) {
        if n_numbers < LARGE {
            (self.n_rounds, self.load)
        } else {
            (self.n_rounds_large, self.load_large)
        }
    }
}

impl Services {
    /// Starts the services; the Go program is built into the folder.
    fn start(root: &Path, go: Option<&Path>, folder: &Path) -> Result<Self, Error> {
        let this = env::current_exe().map_err(at("xtask-bench"))?;
        // `cargo xtask bench` has built it before, into the folder of this program.
        let program = this.with_file_name("exacta");
        let mut exacta = Command::new(&program);
        exacta.args(["serve", "--listen", "127.0.0.1:0"]);
        let exacta = Server::start(exacta)?;
        let start_raw = || {
            let mut raw = Command::new(&this);
            raw.arg("raw");
            Server::start(raw)
        };
        let full = Full::start(&program, folder, start_raw()?)?;
        let raw = start_raw()?;
        let go = go.map(|go| start_go(root, go, folder)).transpose()?;
        Ok(Self { program, exacta, full, raw, go })
    }
}

impl Full {
    /// Makes a token, and starts a service that asks for it, logs each request, and sends one trace in a hundred.
    fn start(program: &Path, folder: &Path, collector: Server) -> Result<Self, Error> {
        let principals = folder.join("principals");
        let mut token = Command::new(program);
        token.args(["token", "new", "--name", "bench", "--add-to"]).arg(&principals);
        let output = token.output().map_err(at(program))?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::Failed { program: program.display().to_string(), stderr });
        }
        let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let mut exacta = Command::new(program);
        exacta.args(["serve", "--listen", "127.0.0.1:0"]);
        exacta.arg("--auth-principals").arg(principals).args(["--log-format", "json"]);
        exacta.arg("--otlp-endpoint").arg(collector.url(raw::COLLECT));
        exacta.envs([
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "0.01"),
            // They are on stderr.
            ("OTEL_LOGS_EXPORTER", "none"),
        ]);
        Ok(Self { server: Server::start(exacta)?, token, _collector: collector })
    }
}

fn start_go(root: &Path, go: &Path, folder: &Path) -> Result<Server, Error> {
    let program = folder.join("server");
    let mut build = Command::new(go);
    build.current_dir(root.join(GO_MODULE)).args(["build", "-o"]).arg(&program).arg("./cmd/server");
    let output = build.env("GOTOOLCHAIN", "local").env("GOPROXY", "off").output();
    let output = output.map_err(at(go))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Failed { program: "go build".to_owned(), stderr });
    }
    let mut server = Command::new(program);
    server.args(["-listen", "127.0.0.1:0"]);
    Server::start(server)
}

/// The Go that is installed.
fn go() -> Option<PathBuf> {
    let is_there = |go: &Path| {
        let mut command = Command::new(go);
        command.arg("version").output().is_ok_and(|output| output.status.success())
    };
    [PathBuf::from("go"), PathBuf::from(GO_HOME)].into_iter().find(|go| is_there(go))
}

/// The version of the wrk that is installed.
fn wrk() -> Option<String> {
    // It has no better word for the end of an answer about itself than 1.
    let mut command = Command::new("wrk");
    command.arg("--version").stdin(Stdio::null()).output().ok()?;
    let said = machine::said("wrk", &["--version"]);
    Some(said.split(" [").next().unwrap_or(&said).to_owned())
}
