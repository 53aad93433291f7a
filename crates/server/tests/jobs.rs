//! Jobs over a real socket: what becomes of them, and what is refused. Nothing here waits for time to pass:
//! a job is asked after until it stands where it should, and one that is to stay is held by the file.

mod support;

use std::collections::HashSet;

use exacta_client::{
    Client, JobRequest, JobState, KernelName, ListJobsParams, SubmitJobCsvParams, SummarizeParams,
};
use exacta_server::{Config, Limits, Size};
use rusqlite::Connection;
use serde_json::{Value, json};
use support::{Answer, JobServer, Server, id};

const JSON: &str = "application/json";
const FILE: &str = "day,rain\nmonday,1.5\ntuesday,\nwednesday,0.25\nthursday,1e16\n";

fn submit(server: &Server, aggregate: &Value) -> Answer {
    let body = json!({"kernel": "aggregate", "aggregate": aggregate});
    server.post("/v1/jobs", JSON, body.to_string())
}

#[track_caller]
fn check_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.problem()["code"], code);
}

/// The result of a job that succeeds, and the answer to the direct request, byte for byte.
#[track_caller]
fn check_same(jobs: &JobServer, accepted: &Answer, direct: &Answer) {
    let id = id(accepted);
    assert_eq!(accepted.header("location"), Some(format!("/v1/jobs/{id}").as_str()));
    assert_eq!(accepted.json()["state"], "queued");
    let job = jobs.wait_for_end(&id);
    assert_eq!(job["state"], "succeeded", "{job}");
    let moments = ["created_at", "started_at", "finished_at"].map(|name| job[name].as_str());
    assert!(moments.is_sorted() && moments[0].is_some(), "{job}");
    assert_eq!(job.get("error"), None);
    let result = jobs.result(&id);
    assert_eq!((result.status, direct.status), (200, 200));
    assert_eq!(result.header("content-type"), direct.header("content-type"));
    assert_eq!(result.text(), direct.text());
}

#[test]
fn the_result_of_a_file_is_what_the_direct_route_answers() {
    let jobs = JobServer::start();
    let rows = (0..40_000).map(|row| format!("{row},{:e}", f64::from(row).sqrt()));
    let long = rows.collect::<Vec<_>>().join("\n");
    let cases = [
        ("", FILE),
        ("?bits=true&quantiles=1/3,0.5&statistics=", FILE),
        ("?columns=rain,rain2&delimiter=;&null=NA,%C3%BC%2C", "rain;rain2\n1;NA\nü;2\n"),
        ("?invalid=count", "a\nx\n1\n"),
        ("?nonfinite=skip&statistics=max", "a\ninf\n1\n"),
        ("?no_headers=true&quantiles=0.1,0.9&quantile_method=hazen&bits=true", long.as_str()),
    ];
    for (query, file) in cases {
        let [accepted, direct] = ["/v1/jobs/csv", "/v1/summarize/csv"]
            .map(|path| jobs.server.post(&format!("{path}{query}"), "text/csv", file));
        check_same(&jobs, &accepted, &direct);
    }
}

#[test]
fn the_result_of_columns_is_what_the_direct_route_answers() {
    let jobs = JobServer::start();
    // More values than are taken between two looks at the sign to stop.
    let many: Vec<f64> = (0..300_000).map(|index| f64::from(index).sin()).collect();
    let cases = [
        json!({"columns": []}),
        json!({"columns": [{"name": "x", "values": [1e308, 1e308, 0.1]}, {"name": "", "values": []}]}),
        json!({"columns": [{"name": "x", "values": many}], "plan": {"bits": true, "quantiles": [0.5]}}),
    ];
    for aggregate in cases {
        let direct = jobs.server.post("/v1/summarize", JSON, aggregate.to_string());
        check_same(&jobs, &submit(&jobs.server, &aggregate), &direct);
    }
}

/// What only the file can tell: the job fails with the problem that the direct route answers.
#[test]
fn a_job_that_its_data_fail_has_the_problem_of_the_direct_route() {
    let jobs = JobServer::start();
    let many = format!(
        "?quantiles={}",
        (0..1000).map(|index| format!("0.{index:03}1")).collect::<Vec<_>>().join(",")
    );
    let wide = (0..101).map(|index| index.to_string()).collect::<Vec<_>>().join(",");
    let cases = [
        ("", "a,b\n1\n", "csv.ragged"),
        ("", "a\n\"1\n", "csv.quote_unclosed"),
        ("", "\n", "input.empty"),
        ("", "a,a\n1,2\n", "column.duplicate"),
        ("?columns=c", "a,b\n1,2\n", "column.unknown"),
        ("?columns=b", "a,b\n1,x\n", "column.text"),
        ("?nonfinite=reject", "a,b\n1,2\n3,nan\n", "value.nonfinite"),
        (many.as_str(), wide.as_str(), "result.too_many"),
    ];
    for (query, file, code) in cases {
        let id = jobs.submit_csv(query, file);
        let job = jobs.wait_for_end(&id);
        let direct = jobs.server.post(&format!("/v1/summarize/csv{query}"), "text/csv", file);
        assert_eq!((&job["state"], &job["error"]["code"]), (&json!("failed"), &json!(code)));
        assert_eq!(job["error"], direct.problem());
        check_problem(&jobs.result(&id), 409, "job.failed");
    }
}

#[test]
fn what_can_be_known_to_fail_is_not_accepted() {
    let jobs = JobServer::start();
    let x = json!({"name": "x", "values": [1]});
    let names = (0..101).map(|name| json!({"name": name.to_string(), "values": []}));
    let wide: Vec<Value> = names.collect();
    let quantiles: Vec<f64> = (0..1000).map(|index| f64::from(index) / 1000.0).collect();
    let cases = [
        (json!([]), 400, "json.shape", ""),
        (json!({}), 400, "json.shape", ""),
        (json!({"kernel": "aggregate"}), 400, "json.shape", ""),
        (json!({"kernel": null, "aggregate": {"columns": []}}), 400, "json.shape", "/kernel"),
        (json!({"kernel": "aggregate", "aggregate": null}), 400, "json.shape", "/aggregate"),
        (
            json!({"kernel": "aggregate", "aggregate": {"columns": [x]}, "a": 1}),
            400,
            "json.shape",
            "/a",
        ),
        (
            json!({"kernel": "sort", "aggregate": {"columns": [x]}}),
            400,
            "kernel.unknown",
            "/kernel",
        ),
        (
            json!({"kernel": "aggregate", "aggregate": {"columns": [x, x]}}),
            422,
            "column.duplicate",
            "/aggregate/columns/1/name",
        ),
        (
            json!({"kernel": "aggregate", "aggregate": {"columns": [x], "plan": {"statistics": ["average"]}}}),
            400,
            "statistic.unknown",
            "/aggregate/plan/statistics/0",
        ),
    ];
    for (body, status, code, pointer) in cases {
        let answer = jobs.server.post("/v1/jobs", JSON, body.to_string());
        check_problem(&answer, status, code);
        assert_eq!(answer.problem()["pointer"], pointer, "{body}");
    }
    let body = json!({"columns": wide, "plan": {"quantiles": quantiles}});
    check_problem(&submit(&jobs.server, &body), 422, "result.too_many");
    let huge = r#"{"kernel":"aggregate","aggregate":{"columns":[{"name":"x","values":[1e999]}]}}"#;
    check_problem(&jobs.server.post("/v1/jobs", JSON, huge), 422, "number.out_of_range");
    for (query, code) in [
        ("?a=1", "query.unknown"),
        ("?statistics=average", "statistic.unknown"),
        ("?delimiter=;;", "query.value"),
        ("?bits=true&bits=true", "query.repeated"),
    ] {
        let answer = jobs.server.post(&format!("/v1/jobs/csv{query}"), "text/csv", FILE);
        check_problem(&answer, 400, code);
    }
    check_problem(&jobs.server.post("/v1/jobs/csv", "text/csv", ""), 400, "input.empty");
    check_problem(&jobs.server.post("/v1/jobs", "text/csv", FILE), 415, "media_type.unsupported");
    check_problem(&jobs.server.post("/v1/jobs/csv", JSON, FILE), 415, "media_type.unsupported");
    assert_eq!(jobs.server.get("/v1/jobs").text(), r#"{"jobs":[]}"#, "nothing was accepted");
}

#[test]
fn the_body_of_a_job_keeps_to_the_limit_of_bodies() {
    let folder = tempfile::tempdir().unwrap();
    let data = Some(folder.path().join("data"));
    let limits = Limits { body_max: Size::of(10), ..Limits::default() };
    let server = Server::with(Config { data, limits, ..Config::default() });
    for (path, media_type) in [("/v1/jobs", JSON), ("/v1/jobs/csv", "text/csv")] {
        check_problem(&server.post(path, media_type, "x".repeat(11)), 413, "body.too_large");
    }
    assert_eq!(server.post("/v1/jobs/csv", "text/csv", "x\n1\n2\n3\n4\n").status, 202);
}

#[test]
fn a_server_without_a_directory_takes_no_jobs() {
    let server = Server::start();
    for path in ["/v1/jobs", "/v1/jobs?page_size=x", "/v1/jobs/x", "/v1/jobs/x/result"] {
        check_problem(&server.get(path), 503, "jobs.disabled");
    }
    for path in ["/v1/jobs", "/v1/jobs/csv?a=b", "/v1/jobs/x/cancel"] {
        check_problem(&server.post(path, "text/plain", "x"), 503, "jobs.disabled");
    }
}

#[test]
fn a_queued_job_that_is_cancelled_is_never_run() {
    let jobs = JobServer::start();
    let hold = jobs.hold();
    let first = jobs.submit_csv("", FILE);
    jobs.wait(&first, &["running"]);
    let queued = jobs.submit_csv("", FILE);
    assert_eq!(jobs.job(&queued)["state"], "queued");
    check_problem(&jobs.result(&queued), 409, "job.not_finished");
    check_problem(&jobs.result(&first), 409, "job.not_finished");
    let cancelled = jobs.cancel(&queued);
    assert_eq!((cancelled.status, &cancelled.json()["state"]), (200, &json!("cancelled")));
    assert_eq!(jobs.cancel(&queued).text(), cancelled.text(), "twice is once");
    let last = jobs.submit_csv("", FILE);
    drop(hold);
    jobs.wait_for_end(&last);
    assert_eq!(jobs.job(&queued), cancelled.json());
    assert_eq!(jobs.job(&queued).get("started_at"), None);
    check_problem(&jobs.result(&queued), 409, "job.cancelled");
}

/// The worker has the result of the first job in its hands when the job is cancelled.
#[test]
fn a_late_result_does_not_overwrite_cancelled() {
    let jobs = JobServer::start();
    let hold = jobs.hold();
    let running = jobs.submit_csv("", FILE);
    jobs.wait(&running, &["running"]);
    let cancelled = jobs.cancel(&running).json();
    assert_eq!(cancelled["state"], "cancelled");
    assert!(cancelled["started_at"].is_string());
    drop(hold);
    let next = jobs.submit_csv("", FILE);
    assert_eq!(jobs.wait_for_end(&next)["state"], "succeeded");
    assert_eq!(jobs.job(&running), cancelled);
    check_problem(&jobs.result(&running), 409, "job.cancelled");
    let succeeded = jobs.job(&next);
    assert_eq!(jobs.cancel(&next).json(), succeeded, "what has ended stays");
}

/// The names on each page, to the last page; `between` is done after each.
fn pages(jobs: &JobServer, query: &str, between: impl Fn()) -> Vec<Vec<String>> {
    let (mut pages, mut token) = (Vec::new(), String::new());
    loop {
        let page = jobs.server.get(&format!("/v1/jobs?{query}{token}")).json();
        let jobs = page["jobs"].as_array().unwrap();
        pages.push(jobs.iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect());
        let Some(next) = page.get("next_page_token") else { return pages };
        token = format!("&page_token={}", next.as_str().unwrap());
        between();
    }
}

#[test]
fn pages_hold_each_job_once_whatever_arrives_meanwhile() {
    let jobs = JobServer::start();
    let ended: Vec<String> = (0..3).map(|_| jobs.submit_csv("", FILE)).collect();
    ended.iter().for_each(|id| drop(jobs.wait_for_end(id)));
    let hold = jobs.hold();
    let running = jobs.submit_csv("", FILE);
    jobs.wait(&running, &["running"]);
    let queued: Vec<String> = (0..7).map(|_| jobs.submit_csv("", FILE)).collect();
    assert!(queued.is_sorted() && running < queued[0] && ended[2] < running);
    let newest_first = |ids: &[String]| ids.iter().rev().cloned().collect::<Vec<_>>();
    let arrive = || drop(jobs.submit_csv("", FILE));

    let by_state = |state: &str, between: &dyn Fn()| {
        pages(&jobs, &format!("state={state}&page_size=3"), between)
    };
    let expected: Vec<Vec<String>> =
        newest_first(&queued).chunks(3).map(<[String]>::to_vec).collect();
    assert_eq!(by_state("queued", &arrive), expected);
    assert_eq!(by_state("succeeded", &arrive), [newest_first(&ended)]);
    assert_eq!(by_state("running", &arrive), [[running.clone()]]);
    assert_eq!(by_state("cancelled", &arrive), [[]] as [[String; 0]; 1]);
    let all = pages(&jobs, "page_size=1", || ()).concat();
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    assert_eq!(all[all.len() - 3..], newest_first(&ended));
    drop(hold);
}

#[test]
fn a_query_for_a_list_is_taken_whole_or_refused() {
    let jobs = JobServer::start();
    for (query, code) in [
        ("?state=done", "state.unknown"),
        ("?state=", "state.unknown"),
        ("?page_size=0", "page_size.invalid"),
        ("?page_size=1001", "page_size.invalid"),
        ("?page_size=-1", "query.value"),
        ("?page_size=99999999999999999999", "query.value"),
        ("?page_size=1&page_size=1", "query.repeated"),
        ("?page_token=x", "page_token.invalid"),
        ("?page_token=", "page_token.invalid"),
        ("?limit=1", "query.unknown"),
        ("?state=%ff", "query.encoding"),
    ] {
        check_problem(&jobs.server.get(&format!("/v1/jobs{query}")), 400, code);
    }
    assert_eq!(jobs.server.get("/v1/jobs?page_size=1000").status, 200);
}

#[test]
fn jobs_that_were_queued_or_running_end_after_a_restart() {
    let jobs = JobServer::start();
    let done = jobs.submit_csv("", FILE);
    let before = (jobs.wait_for_end(&done), jobs.result(&done).body);
    let hold = jobs.hold();
    let ids: Vec<String> = (0..5).map(|_| jobs.submit_csv("?bits=true", FILE)).collect();
    jobs.wait(&ids[0], &["running"]);
    let jobs = jobs.restart();
    drop(hold);
    for id in &ids {
        assert_eq!(jobs.wait_for_end(id)["state"], "succeeded");
        let direct = jobs.server.post("/v1/summarize/csv?bits=true", "text/csv", FILE);
        assert_eq!(jobs.result(id).text(), direct.text());
    }
    assert_eq!((jobs.job(&done), jobs.result(&done).body), before);
    assert_eq!(pages(&jobs, "", || ()).concat().len(), 6, "none is lost or doubled");
}

#[test]
fn requests_are_answered_while_every_worker_is_busy() {
    let jobs = JobServer::start();
    let _hold = jobs.hold();
    let busy = jobs.submit_csv("", FILE);
    jobs.wait(&busy, &["running"]);
    let queued: Vec<String> = (0..20).map(|_| jobs.submit_csv("", FILE)).collect();
    for _ in 0..20 {
        assert_eq!(jobs.server.post("/v1/summarize/csv", "text/csv", FILE).status, 200);
        assert_eq!(jobs.server.post("/predict", JSON, r#"{"input":[1]}"#).status, 200);
        assert_eq!(jobs.server.get("/readyz").status, 200);
    }
    assert_eq!(jobs.job(&busy)["state"], "running");
    assert!(queued.iter().all(|id| jobs.job(id)["state"] == "queued"));
}

#[test]
fn a_second_server_on_the_same_directory_does_not_start() {
    let jobs = JobServer::start();
    assert_eq!(jobs.server.get("/v1/jobs").status, 200);
    let second = Server::with(Config { data: Some(jobs.data()), ..Config::default() });
    let error = second.join().unwrap_err();
    assert_eq!(error.code(), "jobs.locked");
    assert_eq!(error.to_string().lines().count(), 1);
}

#[test]
fn storage_that_fails_is_a_problem_without_its_paths() {
    let jobs = JobServer::start();
    let id = jobs.submit_csv("", FILE);
    jobs.wait_for_end(&id);
    let file = Connection::open(jobs.data().join("jobs.sqlite")).unwrap();
    file.execute_batch("ALTER TABLE job RENAME TO gone").unwrap();
    let answers = [
        jobs.server.get("/v1/jobs"),
        jobs.server.get(&format!("/v1/jobs/{id}")),
        jobs.result(&id),
        jobs.cancel(&id),
        jobs.server.post("/v1/jobs/csv", "text/csv", FILE),
    ];
    for answer in answers {
        check_problem(&answer, 500, "jobs.storage");
        assert!(!answer.text().contains("sqlite"), "{}", answer.text());
    }
    file.execute_batch("ALTER TABLE gone RENAME TO job").unwrap();
    assert_eq!(jobs.job(&id)["state"], "succeeded");
}

#[test]
fn the_generated_client_speaks_of_jobs() {
    let jobs = JobServer::start();
    let client = Client::new(&format!("http://{}", jobs.server.address)).unwrap();
    let aggregate = serde_json::from_value(json!({"columns": [{"name": "x", "values": [0.5]}]}));
    let request = JobRequest { kernel: KernelName::Aggregate, aggregate: aggregate.unwrap() };
    let job = client.submit_job(&request).unwrap();
    assert_eq!((job.state, job.kernel), (JobState::Queued, KernelName::Aggregate));
    jobs.wait_for_end(&job.id);
    assert_eq!(client.get_job(&job.id).unwrap().state, JobState::Succeeded);
    let direct = client.summarize(&request.aggregate, &SummarizeParams::default()).unwrap();
    assert_eq!(client.get_job_result(&job.id).unwrap(), direct);
    let bad = client.submit_job_csv("a,b\n1\n".as_bytes(), &SubmitJobCsvParams::default()).unwrap();
    jobs.wait_for_end(&bad.id);
    let failed = client.cancel_job(&bad.id).unwrap();
    assert_eq!(
        (failed.state, failed.error.unwrap().code.as_str()),
        (JobState::Failed, "csv.ragged")
    );
    let params =
        ListJobsParams { state: Some(JobState::Failed), page_size: Some(1), page_token: None };
    assert_eq!(client.list_jobs(&params).unwrap().jobs.len(), 1);
    assert_eq!(client.get_job("no/pe").unwrap_err().code(), "job.not_found");
}
