//! `exacta`: exact statistics from the shell. Here a command line becomes a command and its end an exit
//! code; the flags are in `args`, each command is in its own module, and nothing is computed here.

mod advice;
mod answer;
mod args;
mod asked;
mod color;
mod config;
mod ending;
mod error;
mod follow;
mod groups;
mod input;
mod jobs;
mod manual;
mod output;
mod pairs;
mod partial;
mod predict;
mod progress;
mod render;
mod send;
mod serve;
mod service;
mod stats;
mod submit;
mod text;
mod threads;
mod token;
mod tops;

use std::process::ExitCode;
use std::sync::Arc;

use args::{Command, ConfigArguments, ConfigCommand};
use config::Config;
use error::{Error, Exit};

/// Requests are made of many small pieces of memory. This one hands them out in half the time of the C library's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    survive_full_files();
    let exit = match args::parse() {
        Ok((command, config)) => {
            run(&command, &config).map_or_else(|error| report(&error), |()| Exit::Success)
        }
        Err(stop) => stop.show(),
    };
    exit.into()
}

/// Makes a write beyond the limit for the size of files fail, so that the command can say so; the signal would kill it.
fn survive_full_files() {
    #[cfg(unix)]
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default())
        .expect("the signal can be caught");
}

fn run(command: &Command, config: &Config) -> Result<(), Error> {
    match command {
        Command::Stats(arguments) => stats::run(arguments),
        Command::Partial(arguments) => partial::run(arguments),
        Command::Merge(arguments) => partial::merge(arguments),
        Command::Submit(arguments) => submit::run(arguments),
        Command::Jobs(command) => jobs::run(command),
        Command::Predict(arguments) => predict::run(arguments),
        Command::Serve(arguments) => serve::run(arguments, config),
        Command::Token(command) => token::run(command),
        Command::Config(ConfigArguments { command: Some(ConfigCommand::Schema) }) => {
            output::print(&config::schema())
        }
        Command::Config(_) => config::show(config),
        Command::Completions(arguments) => manual::completions(arguments),
        Command::Man(arguments) => manual::page(arguments),
        Command::Openapi => output::print(&exacta_server::openapi_json()),
    }
}

fn report(error: &Error) -> Exit {
    output::complain(&error.to_string());
    error.exit()
}
