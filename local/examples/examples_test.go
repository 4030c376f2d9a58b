package examples_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"segue/schemas"
)

// cronJob has the members of batch/v1 that the example may use; another one is an error of the decoder.
type cronJob struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Metadata   struct {
		Name string `yaml:"name"`
	} `yaml:"metadata"`
	Spec struct {
		Schedule                   string `yaml:"schedule"`
		TimeZone                   string `yaml:"timeZone"`
		ConcurrencyPolicy          string `yaml:"concurrencyPolicy"`
		StartingDeadlineSeconds    int64  `yaml:"startingDeadlineSeconds"`
		SuccessfulJobsHistoryLimit int32  `yaml:"successfulJobsHistoryLimit"`
		FailedJobsHistoryLimit     int32  `yaml:"failedJobsHistoryLimit"`
		JobTemplate                struct {
			Spec jobSpec `yaml:"spec"`
		} `yaml:"jobTemplate"`
	} `yaml:"spec"`
}

type jobSpec struct {
	BackoffLimit          int32 `yaml:"backoffLimit"`
	ActiveDeadlineSeconds int64 `yaml:"activeDeadlineSeconds"`
	PodFailurePolicy      struct {
		Rules []struct {
			Action      string `yaml:"action"`
			OnExitCodes struct {
				ContainerName string  `yaml:"containerName"`
				Operator      string  `yaml:"operator"`
				Values        []int32 `yaml:"values"`
			} `yaml:"onExitCodes"`
		} `yaml:"rules"`
	} `yaml:"podFailurePolicy"`
	Template struct {
		Spec struct {
			RestartPolicy string      `yaml:"restartPolicy"`
			Containers    []container `yaml:"containers"`
		} `yaml:"spec"`
	} `yaml:"template"`
}

type container struct {
	Name    string   `yaml:"name"`
	Image   string   `yaml:"image"`
	Command []string `yaml:"command"`
	Args    []string `yaml:"args"`
	Env     []struct {
		Name  string `yaml:"name"`
		Value string `yaml:"value"`
	} `yaml:"env"`
	EnvFrom []struct {
		SecretRef struct {
			Name string `yaml:"name"`
		} `yaml:"secretRef"`
	} `yaml:"envFrom"`
	Resources struct {
		Requests map[string]string `yaml:"requests"`
		Limits   map[string]string `yaml:"limits"`
	} `yaml:"resources"`
}

// The CronJob has only known members, what a failure policy demands, and ends before half the grace period of gc.
func TestCronJob(t *testing.T) {
	f, err := os.Open("kubernetes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	var c cronJob
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	job := c.Spec.JobTemplate.Spec
	pod := job.Template.Spec
	switch {
	case c.APIVersion != "batch/v1" || c.Kind != "CronJob" || len(strings.Fields(c.Spec.Schedule)) != 5 || c.Spec.ConcurrencyPolicy != "Forbid":
		t.Errorf("%+v", c.Spec)
	case job.ActiveDeadlineSeconds <= 0 || job.ActiveDeadlineSeconds >= 24*3600:
		t.Errorf("activeDeadlineSeconds %d", job.ActiveDeadlineSeconds)
	case pod.RestartPolicy != "Never" || len(pod.Containers) != 1 || pod.Containers[0].Name != job.PodFailurePolicy.Rules[0].OnExitCodes.ContainerName:
		t.Errorf("a failure policy needs restartPolicy Never and the container's name: %+v", pod)
	}
}

// The shell and the Python are valid, and the tables of the Dagster asset are published ones.
func TestScripts(t *testing.T) {
	if out, err := exec.Command("bash", "-n", "cron.sh").CombinedOutput(); err != nil {
		t.Errorf("cron.sh: %v %s", err, out)
	}
	text, err := os.ReadFile("dagster_segue.py")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(text), "TABLES = [")
	list, _, _ = strings.Cut(list, "]")
	for _, name := range strings.Split(list, ",") {
		if _, ok := schemas.FindTable(strings.Trim(name, ` "`)); !ok {
			t.Errorf("no table %s", name)
		}
	}
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3")
	}
	for _, name := range []string{"airflow.py", "dagster_segue.py"} {
		check := exec.Command("python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])", name)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
}
