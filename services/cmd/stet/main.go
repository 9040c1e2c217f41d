// Command stet watches news articles after they are published and shows what was changed. Without a command it runs
// everything in one process; with one it asks a stet that runs, looks into a data folder, or inspects what stet makes of
// a page. See `stet help`.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/stetnews/stet/services/launch"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one kills, should the orderly end take too long for someone.
	context.AfterFunc(ctx, stop)
	code := app{
		getenv:   os.Getenv,
		readFile: os.ReadFile,
		stdin:    os.Stdin,
		stdout:   os.Stdout,
		stderr:   os.Stderr,
		run:      launch.Run,
		demo:     launch.Demo,
		serve:    launch.RunService,
		prepare:  launch.Provision,
		stage:    launch.Publishers,
		offline:  launch.Offline,
	}.main(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}
