package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
)

// maxAnswer bounds one line of the filter's.
const maxAnswer = 64 << 20

// ask sends a line for each request and reads a line for each.
func ask[A any](stet, tool string, requests []any) ([]A, error) {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, r := range requests {
		if err := encoder.Encode(r); err != nil {
			return nil, fmt.Errorf("encoding a request: %w", err)
		}
	}
	command := exec.Command(stet, "inspect", tool, "--jsonl")
	command.Stdin, command.Stderr = &lines, os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s inspect %s: %w", stet, tool, err)
	}
	var answers []A
	scanner := bufio.NewScanner(bytes.NewReader(out))
	scanner.Buffer(nil, maxAnswer)
	for scanner.Scan() {
		var a A
		if err := json.Unmarshal(scanner.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("reading answer %d: %w", len(answers)+1, err)
		}
		answers = append(answers, a)
	}
	if err := scanner.Err(); err != nil {
		return nil, err
	}
	if len(answers) != len(requests) {
		return nil, fmt.Errorf("%d answers to %d requests", len(answers), len(requests))
	}
	return answers, nil
}
