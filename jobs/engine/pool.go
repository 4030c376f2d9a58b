package engine

import (
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	fnpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/fnexecution_v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// workersService is the name under which a pool tells the health of its workers.
const workersService = "workers"

// Pool starts and stops worker processes of this binary as an engine asks for them: the sidecar of the environment
// external. Its workers have its environment, and end when it does.
//
// It answers gRPC's standard health questions: as a whole it serves while it runs; the service "workers" serves until
// one is killed or fails, and again with the next start.
type Pool struct {
	fnpb.UnimplementedBeamFnExternalWorkerPoolServer

	log    io.Writer
	health *health.Server

	mu      sync.Mutex
	workers map[string]*exec.Cmd
	closed  bool
	running sync.WaitGroup
}

// NewPool returns a pool that tells on log which workers start and end.
func NewPool(log io.Writer) *Pool {
	return &Pool{log: log, health: health.NewServer(), workers: map[string]*exec.Cmd{}}
}

// Serve answers engines on l until ctx ends; then it ends its workers and returns nil.
func (p *Pool) Serve(ctx context.Context, l net.Listener) error {
	server := grpc.NewServer()
	fnpb.RegisterBeamFnExternalWorkerPoolServer(server, p)
	healthpb.RegisterHealthServer(server, p.health)
	stop := context.AfterFunc(ctx, server.Stop)
	defer stop()
	err := server.Serve(l)
	p.end()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// StartWorker starts one process, which asks the engine's provision service for the rest.
func (p *Pool) StartWorker(_ context.Context, req *fnpb.StartWorkerRequest) (*fnpb.StartWorkerResponse, error) {
	if err := p.start(req.GetWorkerId(), req); err != nil {
		return &fnpb.StartWorkerResponse{Error: err.Error()}, nil
	}
	return &fnpb.StartWorkerResponse{}, nil
}

func (p *Pool) start(id string, req *fnpb.StartWorkerRequest) error {
	args, err := workerArgs(id, req)
	if err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the worker binary: %w", err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Stderr = p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return fmt.Errorf("start worker %s: the pool is shutting down", id)
	case p.workers[id] != nil:
		return fmt.Errorf("start worker %s: it runs already", id)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start worker %s: %w", id, err)
	}
	p.workers[id] = cmd
	p.health.SetServingStatus(workersService, healthpb.HealthCheckResponse_SERVING)
	fmt.Fprintf(p.log, "segue: worker %s started, process %d\n", id, cmd.Process.Pid)
	p.running.Go(func() { p.reap(id, cmd) })
	return nil
}

func workerArgs(id string, req *fnpb.StartWorkerRequest) ([]string, error) {
	if url := req.GetProvisionEndpoint().GetUrl(); url != "" {
		return []string{"--id=" + id, "--provision_endpoint=" + url}, nil
	}
	control, logging := req.GetControlEndpoint().GetUrl(), req.GetLoggingEndpoint().GetUrl()
	if control == "" || logging == "" {
		return nil, fmt.Errorf("start worker %s: the engine names neither a provision nor a control and logging service", id)
	}
	return []string{"--id=" + id, "--control_endpoint=" + control, "--logging_endpoint=" + logging}, nil
}

func (p *Pool) reap(id string, cmd *exec.Cmd) {
	err := cmd.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.workers[id] != cmd
	if !asked {
		delete(p.workers, id)
	}
	killed := asked && !cmd.ProcessState.Exited() // one may have failed before it was asked to end
	if err == nil || killed {
		return // the engine had no more work for it
	}
	fmt.Fprintf(p.log, "segue: worker %s ended by itself: %v\n", id, err)
	if !asked {
		p.health.SetServingStatus(workersService, healthpb.HealthCheckResponse_NOT_SERVING)
	}
}

// StopWorker ends one process; one that has ended is no error.
func (p *Pool) StopWorker(_ context.Context, req *fnpb.StopWorkerRequest) (*fnpb.StopWorkerResponse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kill(req.GetWorkerId())
	return &fnpb.StopWorkerResponse{}, nil
}

func (p *Pool) kill(id string) {
	if cmd := p.workers[id]; cmd != nil {
		delete(p.workers, id)
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}

// watchPool calls lost when a worker of the pool has ended by itself and none has been started for as long as heals; stop ends the
// watch. A pool that cannot be reached from here, or is another program, is not watched.
func watchPool(ctx context.Context, address string, heals time.Duration, lost func()) (stop func()) {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer conn.Close()
		stream, err := healthpb.NewHealthClient(conn).Watch(ctx, &healthpb.HealthCheckRequest{Service: workersService})
		served, alarm := false, time.AfterFunc(math.MaxInt64, lost)
		defer alarm.Stop()
		for err == nil {
			var m *healthpb.HealthCheckResponse
			if m, err = stream.Recv(); err != nil {
				return
			}
			switch m.GetStatus() {
			case healthpb.HealthCheckResponse_SERVING:
				served = true
				alarm.Stop()
			case healthpb.HealthCheckResponse_NOT_SERVING:
				if served { // else it is the end of an earlier job
					alarm.Reset(heals)
				}
			}
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

func (p *Pool) end() {
	p.mu.Lock()
	p.closed = true
	for id := range p.workers {
		p.kill(id)
	}
	p.mu.Unlock()
	p.running.Wait()
}
