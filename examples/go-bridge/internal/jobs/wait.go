package jobs

import (
	"context"
	"time"
)

const (
	// Pauses between two looks at a job grow from the first to the second.
	pauseMin = 20 * time.Millisecond
	pauseMax = 2 * time.Second
	// outageMax is how long a service may be away, as it is while it starts again: accepted jobs
	// outlive that.
	outageMax = time.Minute
)

// Wait looks at a job until it has ended, and tells seen of each state it finds it in.
func (c *Client) Wait(ctx context.Context, id string, seen func(Job)) (Job, error) {
	last := State("")
	for pause := pauseMin; ; pause = longer(pause) {
		var job Job
		err := c.patiently(ctx, func() (err error) {
			job, err = c.Job(ctx, id)
			return err
		})
		if err != nil {
			return Job{}, err
		}
		if job.State != last {
			last = job.State
			pause = pauseMin
			seen(job)
		}
		if job.IsFinal() {
			return job, nil
		}
		if err := c.sleep(ctx, pause); err != nil {
			return Job{}, err
		}
	}
}

// WaitResult fetches the result of a job that has succeeded, though the service be away for a while.
func (c *Client) WaitResult(ctx context.Context, id string) ([]byte, error) {
	var result []byte
	err := c.patiently(ctx, func() (err error) {
		result, err = c.Result(ctx, id)
		return err
	})
	return result, err
}

// patiently asks again for as long as an outage may last.
func (c *Client) patiently(ctx context.Context, ask func() error) error {
	var outage time.Duration
	for pause := pauseMin; ; pause = longer(pause) {
		err := ask()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wished, is := isPassing(err)
		if err == nil || !is || outage >= outageMax {
			return err
		}
		wished = min(max(pause, wished), outageMax-outage)
		outage += wished
		if err := c.sleep(ctx, wished); err != nil {
			return err
		}
	}
}

func longer(pause time.Duration) time.Duration { return min(pause*3/2, pauseMax) }

// sleep waits for a while, or until the context ends, which is its error.
func sleep(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
