package examples_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"segue/schemas"
)

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
	for _, name := range []string{"airflow_segue.py", "dagster_segue.py", "try_examples.py"} {
		check := exec.Command("python3", "-c", "import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])", name)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
}
