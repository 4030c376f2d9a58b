//go:build deploy

package deploy

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/json"
	strict "sigs.k8s.io/yaml"
)

// flinkDeployment has the members of flink.apache.org/v1beta1 that the manifest may use; templates of pods are Kubernetes' own.
type flinkDeployment struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Image              string                 `json:"image"`
		FlinkVersion       string                 `json:"flinkVersion"`
		ServiceAccount     string                 `json:"serviceAccount"`
		Mode               string                 `json:"mode"`
		FlinkConfiguration map[string]string      `json:"flinkConfiguration"`
		PodTemplate        corev1.PodTemplateSpec `json:"podTemplate"`
		JobManager         flinkRole              `json:"jobManager"`
		TaskManager        flinkRole              `json:"taskManager"`
	} `json:"spec"`
}

type flinkRole struct {
	Replicas int `json:"replicas"`
	Resource struct {
		Memory string  `json:"memory"`
		CPU    float64 `json:"cpu"`
	} `json:"resource"`
	PodTemplate corev1.PodTemplateSpec `json:"podTemplate"`
}

// pod is one pod of a manifest, wherever it stands.
type pod struct {
	owner    string
	labels   map[string]string
	spec     corev1.PodSpec
	hardened bool // whole pods of ours; Flink's own container is set up by its operator
}

// kinds make an empty object of each kind the manifests may have, and find the pods in it.
var kinds = map[string]func() (any, func() []pod){
	"batch/v1 CronJob": func() (any, func() []pod) {
		o := &batchv1.CronJob{}
		return o, func() []pod {
			t := o.Spec.JobTemplate.Spec.Template
			return []pod{{"CronJob " + o.Name, t.Labels, t.Spec, true}}
		}
	},
	"batch/v1 Job": func() (any, func() []pod) {
		o := &batchv1.Job{}
		return o, func() []pod {
			return []pod{{"Job " + o.Name, o.Spec.Template.Labels, o.Spec.Template.Spec, true}}
		}
	},
	"apps/v1 StatefulSet": func() (any, func() []pod) {
		o := &appsv1.StatefulSet{}
		return o, func() []pod {
			return []pod{{"StatefulSet " + o.Name, o.Spec.Template.Labels, o.Spec.Template.Spec, true}}
		}
	},
	"apps/v1 Deployment": func() (any, func() []pod) {
		o := &appsv1.Deployment{}
		return o, func() []pod {
			return []pod{{"Deployment " + o.Name, o.Spec.Template.Labels, o.Spec.Template.Spec, true}}
		}
	},
	"v1 Service":                         func() (any, func() []pod) { return &corev1.Service{}, nil },
	"policy/v1 PodDisruptionBudget":      func() (any, func() []pod) { return &policyv1.PodDisruptionBudget{}, nil },
	"networking.k8s.io/v1 NetworkPolicy": func() (any, func() []pod) { return &networkingv1.NetworkPolicy{}, nil },
	"flink.apache.org/v1beta1 FlinkDeployment": func() (any, func() []pod) {
		o := &flinkDeployment{}
		return o, func() []pod {
			return []pod{{"FlinkDeployment " + o.Name, o.Spec.PodTemplate.Labels, o.Spec.TaskManager.PodTemplate.Spec, false}}
		}
	},
}

// objects decodes every document of every manifest; a member no type knows, or one given twice, fails the test.
func objects(t *testing.T) (all []any, pods []pod) {
	t.Helper()
	files, err := filepath.Glob("kubernetes/*.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d manifests, error %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for r := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text))); ; {
			doc, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			var head metav1.TypeMeta
			if err := errors.Join(err, strict.Unmarshal(doc, &head)); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			make, ok := kinds[head.APIVersion+" "+head.Kind]
			if !ok {
				t.Fatalf("%s: kind %s %s is unknown to this test", file, head.APIVersion, head.Kind)
			}
			o, find := make()
			data, err := strict.YAMLToJSONStrict(doc)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			unknown, err := json.UnmarshalStrict(data, o) // as the API server reads it: case counts
			if err := errors.Join(append(unknown, err)...); err != nil {
				t.Errorf("%s: %s: %v", file, head.Kind, err)
			}
			all = append(all, o)
			if find != nil {
				pods = append(pods, find()...)
			}
		}
	}
	return all, pods
}

// Every manifest is of the API's types, and every pod of ours runs as nobody, on a root it cannot write, with bounds and probes.
func TestManifests(t *testing.T) {
	_, pods := objects(t)
	for _, p := range pods {
		s := p.spec.SecurityContext
		if p.hardened && (s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.SeccompProfile == nil) {
			t.Errorf("%s may run as root or without a seccomp profile", p.owner)
		}
		if p.hardened && (p.spec.AutomountServiceAccountToken == nil || *p.spec.AutomountServiceAccountToken) {
			t.Errorf("%s has the token of a service account", p.owner)
		}
		if p.labels["app.kubernetes.io/name"] != "segue" || p.labels["app.kubernetes.io/component"] == "" {
			t.Errorf("%s lacks the labels that policies select by", p.owner)
		}
		for _, c := range p.spec.Containers {
			checkContainer(t, p, c)
		}
	}
}

func checkContainer(t *testing.T, p pod, c corev1.Container) {
	s := c.SecurityContext
	if s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation ||
		s.Capabilities == nil || !slices.Contains(s.Capabilities.Drop, "ALL") {
		t.Errorf("%s: container %s may write its root or gain rights", p.owner, c.Name)
	}
	memory := c.Resources.Limits.Memory()
	if memory.IsZero() || c.Resources.Requests.Cpu().IsZero() || c.Resources.Requests.Memory().Cmp(*memory) != 0 {
		t.Errorf("%s: container %s: memory requested and allowed must be equal, and processors requested", p.owner, c.Name)
	}
	if !regexp.MustCompile(`^[a-z0-9./_-]+:[A-Za-z0-9._-]+$`).MatchString(c.Image) || strings.HasSuffix(c.Image, ":latest") {
		t.Errorf("%s: image %q has no fixed tag", p.owner, c.Image)
	}
	if serves := len(c.Ports) > 0; serves && (c.ReadinessProbe == nil || c.LivenessProbe == nil) {
		t.Errorf("%s: container %s has ports and no probes", p.owner, c.Name)
	}
	for _, m := range c.VolumeMounts {
		if !slices.ContainsFunc(p.spec.Volumes, func(v corev1.Volume) bool { return v.Name == m.Name }) {
			t.Errorf("%s: volume %s is not there", p.owner, m.Name)
		}
	}
	for _, e := range c.Env {
		if regexp.MustCompile(`SECRET|PASSWORD|KEY`).MatchString(e.Name) {
			t.Errorf("%s: %s stands in the manifest: refer to a secret", p.owner, e.Name)
		}
	}
}

// binary is the program the containers start.
func binary(t *testing.T) string {
	t.Helper()
	b := os.Getenv("SEGUE_BINARY")
	if b == "" {
		t.Fatal("SEGUE_BINARY names no program: run make test-deploy")
	}
	return b
}

// checkArgs fails when a command or a flag is not the program's, or an address not one it takes.
func checkArgs(t *testing.T, owner string, args []string) {
	t.Helper()
	words := slices.IndexFunc(args, func(a string) bool { return strings.HasPrefix(a, "-") })
	if words < 0 {
		words = len(args)
	}
	name := strings.Join(args[:words], " ")
	help, err := exec.Command(binary(t), append(slices.Clone(args[:words]), "--help")...).CombinedOutput()
	if err != nil {
		t.Errorf("%s: segue %s: %v", owner, name, err)
	}
	for _, a := range args[words:] {
		flag, _, _ := strings.Cut(a, "=")
		if !strings.HasPrefix(flag, "--") || !regexp.MustCompile(`(?m)^\s+(-\w, )?`+flag+`\b`).Match(help) {
			t.Errorf("%s: segue %s has no flag %s", owner, name, flag)
		}
	}
}

// flagPort returns the port of an address flag; 0 when the flag is not there.
func flagPort(t *testing.T, args []string, flag string) string {
	t.Helper()
	for _, a := range args {
		if v, ok := strings.CutPrefix(a, flag+"="); ok {
			_, port, err := net.SplitHostPort(v)
			if err != nil {
				t.Error(err)
			}
			return port
		}
	}
	return ""
}
