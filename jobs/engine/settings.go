package engine

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
)

// Environments are the ways a worker of an engine starts.
//
//	loopback  inside this process: the engine must run on this host
//	process   the engine starts this very binary on its hosts, at the path of Settings.Command
//	external  a pool of worker processes beside each of the engine's processes, at Settings.Workers (segue worker-pool)
var Environments = []string{"loopback", "process", "external"}

// Settings say where an engine is and how its workers start.
type Settings struct {
	Endpoint    string   `json:"endpoint"`    // host:port of the job service
	Environment string   `json:"environment"` // one of Environments
	Command     string   `json:"command"`     // path of this binary on the engine's hosts; "" = where it is here
	Workers     string   `json:"workers"`     // host:port of the worker pool, as seen by the engine
	Parallelism int      `json:"parallelism"` // bundles at once; 0 = the engine's default
	Options     []string `json:"options"`     // key=value of the engine, such as checkpointing_interval=10000
	SharedDisk  bool     `json:"shared_disk"` // the lake's directory is mounted at the same path on all hosts

	WorkerSeconds int `json:"worker_seconds"` // how long workers may take to answer before a night begins; a busy cluster takes longer

	// SelfHealing engines notice a worker that died and start again, as Flink does once the worker has reached it. Where that does not
	// come, and on others, such as Beam's Python job service, a job would wait for it for ever, so that Execute ends the job.
	SelfHealing bool `json:"-"`
}

// DefaultSettings is an engine on this host whose workers run inside this process.
func DefaultSettings() Settings {
	return Settings{Environment: "loopback", Workers: "localhost:50000", WorkerSeconds: 60}
}

// Start says what starts the workers of an engine, for who looks for one that does not.
func (s Settings) Start() string {
	if s.Environment == "external" {
		return "it asks the pool at " + s.Workers + ", which is segue worker-pool beside each of its processes"
	}
	command, _ := s.command()
	return "its hosts start " + command + ", which is this binary, at that path on each (engine.command)"
}

// Check says what in the settings, or in their use for a lake, cannot work, before anything is submitted.
// lakeURL is the lake's address or its directory.
func (s Settings) Check(lakeURL string) error {
	if s.Endpoint == "" {
		return fmt.Errorf("engine.endpoint is missing: give the host:port of the engine's job service with --endpoint")
	}
	if _, _, err := net.SplitHostPort(s.Endpoint); err != nil {
		return fmt.Errorf("engine.endpoint %q is no host:port: %w", s.Endpoint, err)
	}
	if !slices.Contains(Environments, s.Environment) {
		return fmt.Errorf("engine.environment %q: want one of %v", s.Environment, Environments)
	}
	if _, err := s.forwarded(); err != nil {
		return err
	}
	if err := s.checkWorkers(); err != nil {
		return err
	}
	return s.checkLake(lakeURL)
}

func (s Settings) checkWorkers() error {
	switch {
	case s.Environment == "loopback" && !s.here():
		return fmt.Errorf("the engine at %s is on another host, and its workers cannot reach into this process: use --environment process or external", s.Endpoint)
	case s.Environment == "process" && s.here():
		command, err := s.command()
		if err != nil {
			return err
		}
		if info, err := os.Stat(command); err != nil {
			return fmt.Errorf("worker binary: %w: set engine.command to where this binary is on the engine's hosts", err)
		} else if info.Mode()&0o111 == 0 {
			return fmt.Errorf("worker binary %s is not executable", command)
		}
	case s.Environment == "external":
		if _, _, err := net.SplitHostPort(s.Workers); err != nil {
			return fmt.Errorf("engine.workers %q is no host:port of a worker pool: %w", s.Workers, err)
		}
	}
	return nil
}

func (s Settings) checkLake(url string) error {
	switch {
	case strings.HasPrefix(url, "mem://") && s.Environment != "loopback":
		return fmt.Errorf("lake %s is in the memory of this process: workers elsewhere cannot see it", url)
	case !strings.Contains(url, "://") && !s.here() && !s.SharedDisk:
		return fmt.Errorf("lake %s is a directory of this host and the engine at %s runs elsewhere: use s3://bucket/prefix, or set engine.shared_disk=true where all hosts mount it there", url, s.Endpoint)
	}
	return nil
}

// here reports whether the engine is on this host, by its address alone.
func (s Settings) here() bool {
	host, _, err := net.SplitHostPort(s.Endpoint)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s Settings) command() (string, error) {
	if s.Command != "" {
		return s.Command, nil
	}
	exe, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this binary: %w: set engine.command", err)
	}
	return exe, nil
}
