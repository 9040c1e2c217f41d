package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/stetnews/stet/scripts/process"
)

// lag waits until a consumer has that much before it, counted as KEDA does: what waits and what is being worked on.
func (w *workers) lag(ctx context.Context, stream, consumer string, least int) error {
	var now int
	err := process.Until(ctx, 4*time.Minute, fmt.Sprintf("%d messages before %s", least, consumer), 300*time.Millisecond, func() (bool, error) {
		var err error
		now, err = w.lagOf(ctx, stream, consumer)
		return now >= least, err
	})
	if err != nil {
		return fmt.Errorf("%w (there are %d)", err, now)
	}
	return nil
}

func (w *workers) lagOf(ctx context.Context, stream, consumer string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.monitor+"/jsz?consumers=true&acc=STET", nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var jsz struct {
		Accounts []struct {
			Streams []struct {
				Name      string `json:"name"`
				Consumers []struct {
					Name    string `json:"name"`
					Pending int    `json:"num_pending"`
					Unacked int    `json:"num_ack_pending"`
				} `json:"consumer_detail"`
			} `json:"stream_detail"`
		} `json:"account_details"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&jsz); err != nil {
		return 0, err
	}
	for _, account := range jsz.Accounts {
		for _, s := range account.Streams {
			for _, c := range s.Consumers {
				if s.Name == stream && c.Name == consumer {
					return c.Pending + c.Unacked, nil
				}
			}
		}
	}
	return 0, fmt.Errorf("NATS knows no consumer %s of %s", consumer, stream)
}
