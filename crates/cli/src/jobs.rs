//! `exacta jobs`: how the jobs of a service stand, their results, and an end before their time. How they
//! look is in `render`, how one is waited for in `follow`.

use exacta_api::limit::JOBS_MAX;
use exacta_client::{Job, JobList, JobState, ListJobsParams};

use crate::answer::Answer;
use crate::args::{
    Format, JobArguments, JobsCommand, ListArguments, OutputArguments, ResultArguments,
};
use crate::error::Error;
use crate::follow::follow;
use crate::output::{self, Target};
use crate::render::{Headings, Terminal, job_block, job_table};
use crate::service::{Service, result_of};
use crate::text::one_line;

/// Does what one of the commands says.
pub(crate) fn run(command: &JobsCommand) -> Result<(), Error> {
    match command {
        JobsCommand::List(arguments) => list(arguments),
        JobsCommand::Show(arguments) => {
            let service = Service::new(&arguments.server)?;
            show(&service.client.get_job(&arguments.id)?, arguments)
        }
        JobsCommand::Result(arguments) => result(arguments),
        JobsCommand::Cancel(arguments) => {
            let service = Service::new(&arguments.server)?;
            show(&service.client.cancel_job(&arguments.id)?, arguments)
        }
    }
}

fn list(arguments: &ListArguments) -> Result<(), Error> {
    let limit = if arguments.all { u64::MAX } else { arguments.limit };
    let list = pages(&Service::new(&arguments.server)?, arguments.state.as_ref(), limit)?;
    if arguments.json {
        return output::print_json(&list);
    }
    output::print(&job_table(&list.jobs, &Terminal::of_stdout()))?;
    if list.next_page_token.is_some() {
        output::notify(&"there are more jobs: --limit N shows so many, --all shows every one");
    }
    Ok(())
}

/// As many jobs as there are, up to a limit, from as many pages as that takes.
fn pages(service: &Service, state: Option<&JobState>, limit: u64) -> Result<JobList, Error> {
    let page = |n_jobs: usize, page_token| {
        let page_size = (limit - n_jobs as u64).min(JOBS_MAX as u64);
        service.client.list_jobs(&ListJobsParams {
            state: state.cloned(),
            page_size: Some(i32::try_from(page_size).expect("a page is small")),
            page_token,
        })
    };
    let mut whole = page(0, None)?;
    while whole.next_page_token.is_some() && (whole.jobs.len() as u64) < limit {
        let next = page(whole.jobs.len(), whole.next_page_token.take())?;
        // A page without jobs has none after it, whatever it says.
        whole.next_page_token = next.next_page_token.filter(|_| !next.jobs.is_empty());
        whole.jobs.extend(next.jobs);
    }
    Ok(whole)
}

fn show(job: &Job, arguments: &JobArguments) -> Result<(), Error> {
    if arguments.json {
        return output::print_json(job);
    }
    output::print(&job_block(job))
}

fn result(arguments: &ResultArguments) -> Result<(), Error> {
    let OutputArguments { format, file, .. } = &arguments.output;
    let target = Target::new(file.as_deref(), &[])?;
    let service = Service::new(&arguments.server)?;
    let name = format!("job {}", one_line(&arguments.id));
    let response = if arguments.wait {
        follow(&service, &arguments.id, &name)?
    } else {
        let job = service.client.get_job(&arguments.id)?;
        result_of(job, &name, |id| Ok(service.client.get_job_result(id)?))?
    };
    let answer = Answer::stored(response);
    if format.is_flat() && answer.has_histogram() {
        return Err(Error::HistogramInRows);
    }
    if *format == Format::Svg && !answer.has_histogram() {
        return Err(Error::NoPicture);
    }
    let answer = answer.about(name);
    answer.write(&Headings::of(&answer, arguments.bits), *format, &target)
}
