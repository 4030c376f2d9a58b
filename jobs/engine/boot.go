package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/container/tools"
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/harness"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/grpcx"
)

// Boot makes this binary its own worker; it is the first line of main, before any parsing of flags. It returns unless
// an engine or a pool started the process.
//
// An engine starts the command of a process environment with an id and the address of its provision service alone;
// Boot asks there for the rest. So no second program, no copy of the binary and no file of options is left on the host.
// Beam's own start of a worker sleeps for ever once its work is done; here the process ends with its work, and with the
// process that started it.
func Boot(args []string) {
	w := worker{id: value(args, "id"), provision: value(args, "provision_endpoint"), control: value(args, "control_endpoint"), logging: value(args, "logging_endpoint")}
	if w.id == "" || w.provision == "" && w.control == "" {
		return
	}
	go endWithParent(os.Getppid())
	if err := w.run(context.Background()); err != nil {
		fmt.Fprintf(os.Stderr, "segue: worker %s: %v\n", w.id, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// worker is what a process is told by who started it.
type worker struct{ id, provision, control, logging string }

func (w worker) run(ctx context.Context) error {
	ctx = grpcx.WriteWorkerID(ctx, w.id)
	var options harness.Options
	if w.provision != "" {
		info, err := tools.ProvisionInfo(ctx, w.provision)
		if err != nil {
			return fmt.Errorf("ask the engine at %s how to start: %w", w.provision, err)
		}
		text, err := tools.ProtoToJSON(info.GetPipelineOptions())
		if err != nil {
			return fmt.Errorf("read options: %w", err)
		}
		var raw runtime.RawOptionsWrapper
		if err := json.Unmarshal([]byte(text), &raw); err != nil {
			return fmt.Errorf("read options: %w", err)
		}
		runtime.GlobalOptions.Import(raw.Options)
		options = harness.Options{StatusEndpoint: info.GetStatusEndpoint().GetUrl(), RunnerCapabilities: info.GetRunnerCapabilities()}
		w.control, w.logging = cmp.Or(info.GetControlEndpoint().GetUrl(), w.control), cmp.Or(info.GetLoggingEndpoint().GetUrl(), w.logging)
	}
	beam.Init()
	if err := harness.MainWithOptions(ctx, w.logging, w.control, options); err != nil {
		return fmt.Errorf("work for the engine at %s: %w", w.control, err)
	}
	return nil
}

func endWithParent(parent int) {
	for os.Getppid() == parent {
		time.Sleep(250 * time.Millisecond)
	}
	os.Exit(0)
}

// value returns that of a flag in Beam's form, --name=value or with one dash.
func value(args []string, flag string) string {
	for _, a := range args {
		if name, v, ok := strings.Cut(strings.TrimLeft(a, "-"), "="); ok && strings.HasPrefix(a, "-") && name == flag {
			return v
		}
	}
	return ""
}
