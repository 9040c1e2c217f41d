package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// healthcheckPatience is longer than a service takes to ask its engines.
const healthcheckPatience = 4 * time.Second

// healthcheckCommand is for images, which have no shell that could ask.
func healthcheckCommand() command {
	return command{name: "healthcheck", arguments: "URL", help: "fail with the reasons unless this address answers 200, such as http://127.0.0.1:8081/readyz",
		least: 1, most: 1, anyConfig: true, run: healthcheck}
}

func healthcheck(ctx context.Context, c *call) error {
	ctx, cancel := context.WithTimeout(ctx, healthcheckPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.args[0], nil)
	if err != nil {
		return usage("%q is no address: write it like http://127.0.0.1:8081/readyz", c.args[0])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("nobody answers: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	const most = 2 << 10 // reasons are sentences
	text, _ := io.ReadAll(io.LimitReader(answer.Body, most))
	return fmt.Errorf("%s answers %s: %s", c.args[0], answer.Status, strings.TrimSpace(string(text)))
}
