package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// kind is how the value of an option is written for the engine. Numbers travel as text, as the job services expect of
// every option but parallelism, which the worker harness reads as a number.
type kind int

const (
	text kind = iota
	number
	boolean
)

// known are the options of Beam's Flink runner whose type is checked before a job is submitted. The spelling is theirs.
var known = map[string]kind{
	"streaming":                                       boolean,
	"checkpointing_interval":                          number, // ms
	"checkpoint_timeout_millis":                       number,
	"checkpointing_mode":                              text, // EXACTLY_ONCE or AT_LEAST_ONCE
	"min_pause_between_checkpoints":                   number,
	"fail_on_checkpointing_errors":                    boolean,
	"externalized_checkpoints_enabled":                boolean,
	"retain_externalized_checkpoints_on_cancellation": boolean,
	"finish_bundle_before_checkpointing":              boolean,
	"savepoint_path":                                  text,
	"allow_non_restored_state":                        boolean,
	"state_backend":                                   text,
	"state_backend_storage_path":                      text,
	"max_bundle_size":                                 number,
	"max_bundle_time_mills":                           number,
	"max_parallelism":                                 number,
	"number_of_execution_retries":                     number,
	"execution_retry_delay":                           number,
	"object_reuse":                                    boolean,
	"operator_chaining":                               boolean,
	"enable_metrics":                                  boolean,
	"latency_tracking_interval":                       number,
	"auto_watermark_interval":                         number,
	"shutdown_sources_after_idle_ms":                  number,
	"flink_master":                                    text,
	"flink_submit_uber_jar":                           boolean,
	"jar_cache_dir":                                   text,
	"sdk_worker_parallelism":                          number,
	"environment_cache_millis":                        number,
	"execution_mode_for_batch":                        text,
	"re_iterable_group_by_key_result":                 boolean,
	"fasterCopy":                                      boolean,
	"load_balance_bundles":                            boolean,
	"use_data_stream_for_batch":                       boolean,
	"force_unaligned_checkpoint_enabled":              boolean,
	"unaligned_checkpoint_enabled":                    boolean,
}

// own are options this package sets itself.
var own = []string{"parallelism", "job_name", "app_name", "experiments", "go_options", "environment_type", "environment_config", "job_endpoint"}

// secretive are parts of option names whose values are never forwarded: options are seen by everyone who sees the job.
var secretive = []string{"secret", "password", "passwd", "token", "credential", "access_key"}

// forwarded returns the engine's options by name, typed; unknown names are passed on as text, so that an option of a
// newer engine is not refused.
func (s Settings) forwarded() (map[string]any, error) {
	out := map[string]any{}
	for _, line := range s.Options {
		key, value, ok := strings.Cut(line, "=")
		key = strings.TrimSpace(key)
		switch {
		case !ok || key == "":
			return nil, fmt.Errorf("engine option %q: it must read key=value, such as checkpointing_interval=10000", line)
		case slices.Contains(own, key):
			return nil, fmt.Errorf("engine option %s is set by its own setting, not here", key)
		case isSecretive(key):
			return nil, fmt.Errorf("engine option %s looks like a secret: options are visible with the job; give secrets to workers by their environment", key)
		}
		v, err := typed(key, value)
		if err != nil {
			return nil, err
		}
		out[key] = v
	}
	return out, nil
}

// WithDefaults adds the options that are not given.
func (s Settings) WithDefaults(options ...string) Settings {
	s.Options = slices.Clone(s.Options)
	for _, o := range options {
		key, _, _ := strings.Cut(o, "=")
		if !slices.ContainsFunc(s.Options, func(have string) bool { return strings.HasPrefix(strings.TrimSpace(have), key+"=") }) {
			s.Options = append(s.Options, o)
		}
	}
	return s
}

func isSecretive(key string) bool {
	low := strings.ToLower(key)
	return slices.ContainsFunc(secretive, func(part string) bool { return strings.Contains(low, part) })
}

func typed(key, value string) (any, error) {
	switch known[key] {
	case boolean:
		b, err := strconv.ParseBool(value)
		if err != nil {
			return nil, fmt.Errorf("engine option %s=%s: want true or false", key, value)
		}
		return b, nil
	case number:
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return nil, fmt.Errorf("engine option %s=%s: want a whole number", key, value)
		}
	case text:
		if _, listed := known[key]; !listed && (value == "true" || value == "false") {
			return value == "true", nil
		}
	}
	return value, nil
}

// options returns the whole options of a job, under the names of the job service.
func (s Settings) options(job string) (map[string]any, error) {
	forwarded, err := s.forwarded()
	if err != nil {
		return nil, err
	}
	out := map[string]any{
		name("go_options"):  map[string]any{"options": map[string]string{}},
		name("app_name"):    job,
		name("job_name"):    job,
		name("experiments"): []string{"beam_fn_api"},
	}
	if s.Parallelism > 0 {
		out[name("parallelism")] = s.Parallelism
	}
	for k, v := range forwarded {
		out[name(k)] = v
	}
	return out, nil
}

func name(option string) string { return "beam:option:" + option + ":v1" }
