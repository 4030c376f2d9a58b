//go:build deploy

package deploy

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	klabels "k8s.io/apimachinery/pkg/labels"
)

const image = "registry.example.com/segue:1"

// What containers of ours start are commands and flags of the program; ports and pages of probes are those it serves.
func TestCommands(t *testing.T) {
	_, pods := objects(t)
	ours := 0
	for _, p := range pods {
		for _, c := range p.spec.Containers {
			if c.Image != image {
				continue
			}
			ours++
			checkArgs(t, p.owner, c.Args)
			for _, flag := range []string{"--http", "--listen"} {
				if port := flagPort(t, c.Args, flag); port != "" && (len(c.Ports) != 1 || fmt.Sprint(c.Ports[0].ContainerPort) != port) {
					t.Errorf("%s serves port %s and declares %v", p.owner, port, c.Ports)
				}
			}
			for _, probe := range []*corev1.Probe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
				checkProbe(t, p.owner, c, probe)
			}
		}
	}
	if ours != 5 {
		t.Errorf("%d containers run our image, want 5", ours)
	}
}

func checkProbe(t *testing.T, owner string, c corev1.Container, p *corev1.Probe) {
	switch {
	case p == nil:
	case p.HTTPGet != nil:
		served, err := os.ReadFile("../../jobs/segue/live.go")
		if err != nil || !strings.Contains(string(served), `HandleFunc("`+p.HTTPGet.Path+`"`) {
			t.Errorf("%s: no page %s is served, error %v", owner, p.HTTPGet.Path, err)
		}
		if p.HTTPGet.Port.StrVal != c.Ports[0].Name {
			t.Errorf("%s: a probe asks port %s, the container has %s", owner, p.HTTPGet.Port.String(), c.Ports[0].Name)
		}
	case p.GRPC != nil && p.GRPC.Port != c.Ports[0].ContainerPort:
		t.Errorf("%s: a probe asks port %d, the container has %d", owner, p.GRPC.Port, c.Ports[0].ContainerPort)
	}
}

// Selectors find what they are for, replicas and instances are one number, and a night ends before half the grace period of gc.
func TestAgreement(t *testing.T) {
	all, pods := objects(t)
	for _, o := range all {
		switch o := o.(type) {
		case *corev1.Service:
			found(t, "Service "+o.Name, pods, o.Spec.Selector)
		case *policyv1.PodDisruptionBudget:
			found(t, "PodDisruptionBudget "+o.Name, pods, o.Spec.Selector.MatchLabels)
		case *appsv1.StatefulSet:
			for _, e := range o.Spec.Template.Spec.Containers[0].Env {
				if e.Name == "INSTANCES" && e.Value != fmt.Sprint(*o.Spec.Replicas) {
					t.Errorf("%d replicas are told of %s instances", *o.Spec.Replicas, e.Value)
				}
			}
			selects(t, o.Name, o.Spec.Selector, o.Spec.Template.Labels)
		case *appsv1.Deployment:
			selects(t, o.Name, o.Spec.Selector, o.Spec.Template.Labels)
		case *batchv1.CronJob:
			checkCron(t, o)
		}
	}
}

func found(t *testing.T, who string, pods []pod, labels map[string]string) {
	for _, p := range pods {
		if s, err := metav1.LabelSelectorAsSelector(&metav1.LabelSelector{MatchLabels: labels}); err == nil && s.Matches(klabels.Set(p.labels)) {
			return
		}
	}
	t.Errorf("%s selects no pod", who)
}

func selects(t *testing.T, who string, selector *metav1.LabelSelector, labels map[string]string) {
	s, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil || !s.Matches(klabels.Set(labels)) {
		t.Errorf("%s does not select its own pods, error %v", who, err)
	}
}

func checkCron(t *testing.T, o *batchv1.CronJob) {
	job := o.Spec.JobTemplate.Spec
	rules := job.PodFailurePolicy.Rules
	switch {
	case o.Spec.ConcurrencyPolicy != batchv1.ForbidConcurrent || len(strings.Fields(o.Spec.Schedule)) != 5:
		t.Errorf("CronJob %s: schedule %q, concurrency %s", o.Name, o.Spec.Schedule, o.Spec.ConcurrencyPolicy)
	case *job.ActiveDeadlineSeconds >= 24*3600:
		t.Errorf("CronJob %s may run %d s: longer than half the grace period of gc", o.Name, *job.ActiveDeadlineSeconds)
	case job.Template.Spec.RestartPolicy != corev1.RestartPolicyNever || *rules[0].OnExitCodes.ContainerName != job.Template.Spec.Containers[0].Name:
		t.Errorf("CronJob %s: a failure policy needs restartPolicy Never and the container's name", o.Name)
	}
}

// The compose file is of the schema of compose, its images have fixed tags and are the versions tested here, and what is published
// is published on this machine alone.
func TestCompose(t *testing.T) {
	o, err := cli.NewProjectOptions([]string{"compose.yaml"}, cli.WithProfiles([]string{"*"}))
	if err != nil {
		t.Fatal(err)
	}
	project, err := o.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	text := func(name string) string {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	broker := regexp.MustCompile(`version=([0-9.]+)`).FindStringSubmatch(text("../kafka/real.sh"))[1]
	store := regexp.MustCompile(`versitygw (v[0-9.]+)`).FindStringSubmatch(text("../../go.mod"))[1]
	want := map[string]string{"kafka": "apache/kafka:" + broker, "topic": "apache/kafka:" + broker, "s3": "versity/versitygw:" + store, "live": image, "nightly": image}
	for name, s := range project.Services {
		if w := want[name]; w != "" && s.Image != w || !strings.Contains(s.Image, ":") {
			t.Errorf("service %s has image %s, want %s", name, s.Image, w)
		}
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("service %s publishes port %s on all interfaces", name, p.Published)
			}
		}
		if s.Image == image {
			checkArgs(t, name, s.Command)
			if !s.ReadOnly || s.User != "65532:65532" {
				t.Errorf("service %s may write its root or is %q", name, s.User)
			}
		}
	}
}

// The image's program is static, built as the Dockerfile says, by the Go the module asks for.
func TestDockerfile(t *testing.T) {
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"CGO_ENABLED=0", "./jobs/segue\n", "distroless/static", "USER 65532:65532", `ENTRYPOINT ["/usr/local/bin/segue"]`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q", want)
		}
	}
	out, err := exec.Command("go", "version", "-m", binary(t)).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "CGO_ENABLED=0") {
		t.Errorf("%s is not static: %v", binary(t), err)
	}
}
