package main

import (
	"context"
	"fmt"
	"os"

	"github.com/stetnews/stet/services/internal/search/elastic/kibana"
)

// kibanaPassword is the environment variable with the password of --user: a flag would show it to every process.
const kibanaPassword = "STET_KIBANA_PASSWORD"

// kibanaCommands are those for people who look at Elasticsearch with Kibana.
func kibanaCommands() []command {
	return []command{
		{name: "kibana import", help: "put stet's dashboards, searches and data views into a Kibana 8", run: kibanaImport,
			flags: []option{{name: "url", argument: "URL", help: "address of Kibana, such as http://localhost:5601"},
				{name: "api-key", argument: "KEY", help: "API key, in base64"},
				{name: "user", argument: "NAME", help: "user; the password is taken from " + kibanaPassword},
				{name: "ca", argument: "FILE", help: "certificates that Kibana is trusted by"},
				{name: "space", argument: "NAME", help: "space to import into, the default one where not said"}}},
		{name: "kibana export", arguments: "[FILE|-]", help: "write them as a file that Kibana imports", most: 1, run: kibanaExport},
	}
}

func kibanaImport(ctx context.Context, c *call) error {
	server := kibana.Server{URL: c.options["url"], APIKey: c.options["api-key"], User: c.options["user"], Space: c.options["space"]}
	switch {
	case server.URL == "":
		return usage("something is missing: stet kibana import --url http://localhost:5601")
	case server.APIKey != "" && server.User != "":
		return usage("there is an --api-key and a --user: name one of them")
	case server.User != "":
		if server.Password = c.getenv(kibanaPassword); server.Password == "" {
			return usage("the password of %s is missing: set it in the environment as %s", server.User, kibanaPassword)
		}
	}
	if file := c.options["ca"]; file != "" {
		ca, err := c.readFile(file)
		if err != nil {
			return fmt.Errorf("reading the certificates: %w", err)
		}
		server.CA = ca
	}
	objects, err := kibana.Objects(c.cfg.IndexPrefix)
	if err != nil {
		return err
	}
	result, err := kibana.Import(ctx, server, objects)
	for _, o := range result.Imported {
		verb := "imported"
		if o.Replaced {
			verb = "replaced"
		}
		c.print.Line("%s %s %s", verb, o.What, o.Title)
	}
	for _, w := range result.Warnings {
		c.print.Line("warning: %s", w)
	}
	if err != nil {
		return err
	}
	c.print.Line("%d objects are in Kibana %s", len(result.Imported), result.Version)
	return c.print.Err()
}

func kibanaExport(_ context.Context, c *call) error {
	objects, err := kibana.Objects(c.cfg.IndexPrefix)
	if err != nil {
		return err
	}
	lines, err := kibana.Encode(objects)
	if err != nil {
		return err
	}
	if len(c.args) == 0 || c.args[0] == "-" {
		_, err := c.stdout.Write(lines)
		return err
	}
	if err := os.WriteFile(c.args[0], lines, 0o644); err != nil {
		return fmt.Errorf("writing the objects for Kibana: %w", err)
	}
	return nil
}
