package nightly_test

import (
	"testing"

	"segue/transforms/io/work/worktest"
)

func TestMain(m *testing.M) { worktest.Main(m) }
