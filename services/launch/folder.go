package launch

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// folder is the data folder of one process, locked while it is open.
type folder struct {
	path string
	lock *os.File
}

// Running tells other commands where a running stet answers. It stands in the data folder while one runs.
type Running struct {
	PID         int    `json:"pid"`
	Web         string `json:"web"`
	GRPC        string `json:"grpc"`
	Certificate string `json:"certificate,omitempty"` // file with the certificate that GRPC and Web show, empty for plain text
}

// absolute makes a file findable from every folder.
func absolute(file string) string {
	if file == "" {
		return ""
	}
	if full, err := filepath.Abs(file); err == nil {
		return full
	}
	return file
}

// openFolder makes the folder if it is not there, and locks it.
func openFolder(path string) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be used: %w; name another with --data", path, err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be written: %w; mend its permissions or name another with --data", path, err)
	}
	if err := tryLock(lock); err != nil {
		_ = lock.Close() // nothing was written
		return nil, fmt.Errorf("another stet works on the data folder %s%s: stop it first, or name another folder with --data", path, whoRuns(path))
	}
	return &folder{path, lock}, nil
}

func whoRuns(path string) string {
	data, err := os.ReadFile(filepath.Join(path, "run.json"))
	var running Running
	if err != nil || json.Unmarshal(data, &running) != nil {
		return ""
	}
	scheme := "http"
	if running.Certificate != "" {
		scheme = "https"
	}
	return fmt.Sprintf(" (process %d, pages at %s://%s)", running.PID, scheme, running.Web)
}

func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

// token gives the configured token, or the folder's own, made on first use.
func (f *folder) token(configured string) (string, error) {
	if configured != "" {
		return configured, nil
	}
	data, err := os.ReadFile(f.file("token"))
	if err == nil && strings.TrimSpace(string(data)) != "" {
		return strings.TrimSpace(string(data)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	secret := make([]byte, 24)
	if _, err := rand.Read(secret); err != nil {
		return "", fmt.Errorf("making a token: %w", err)
	}
	token := hex.EncodeToString(secret)
	if err := os.WriteFile(f.file("token"), []byte(token+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keeping the token: %w", err)
	}
	return token, nil
}

// announce writes where this process answers.
func (f *folder) announce(r Running) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding run.json: %w", err)
	}
	if err := os.WriteFile(f.file("run.json"), append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing run.json: %w", err)
	}
	return nil
}

// close takes the announcement back and unlocks the folder.
func (f *folder) close() error {
	err := os.Remove(f.file("run.json"))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, f.lock.Close())
}
