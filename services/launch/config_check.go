package launch

import (
	"os"

	"github.com/stetnews/stet/services/internal/certificates"
)

// FileProblem is what is wrong with a file that a setting names.
type FileProblem struct {
	Setting string
	Err     error
}

// CheckFiles says what is wrong with the files that a configuration names, which is otherwise found at the start of what
// uses them.
func CheckFiles(cfg Config) []FileProblem {
	var found []FileProblem
	for _, file := range []struct {
		setting string
		check   func(Config) error
	}{
		{"opml", checkOPML}, {"overrides", checkOverrides}, {"tls-cert", checkCertificate}, {"grpc-ca", checkAuthorities},
		{"nats-creds", readable(cfg.NATSCreds)}, {"nats-ca", readable(cfg.NATSCA)}, {"nats-cert", readable(cfg.NATSCert)},
		{"nats-key", readable(cfg.NATSKey)}, {"elasticsearch-ca", readable(cfg.ElasticsearchCA)},
	} {
		if err := file.check(cfg); err != nil {
			found = append(found, FileProblem{file.setting, err})
		}
	}
	return found
}

func checkOPML(cfg Config) error {
	_, err := subscriptions(Config{OPML: cfg.OPML})
	return err
}

func checkCertificate(cfg Config) error {
	if cfg.TLSCert == "" || cfg.TLSKey == "" {
		return nil // one without the other was complained of
	}
	shown, err := certificates.Show(cfg.TLSCert, cfg.TLSKey)
	if err == nil {
		shown.Close()
	}
	return err
}

func checkAuthorities(cfg Config) error {
	if cfg.GRPCCA == "" {
		return nil
	}
	_, err := certificates.Trust(cfg.GRPCCA)
	return err
}

// readable says whether a file can be read; what is in it is for whoever uses it.
func readable(name string) func(Config) error {
	return func(Config) error {
		if name == "" {
			return nil
		}
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		return file.Close()
	}
}
