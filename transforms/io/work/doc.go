// Package work runs the work items of a stage on Beam: big things stay files in the lake, references move through Beam.
//
// A phase is one pipeline: Create(items) → Reshuffle → ParDo(Do) → GroupByKey → ParDo(Merge) → GroupByKey → record.
// A Doer turns one item into keyed values, a Merger reduces the values of one key; both are plain structs that know no Beam.
//
//	stage.go    Stage and Context: what a stage is given and what it leaves
//	env.go      Env: what one item is given
//	item.go     Doer, Merger, Collect and their registration
//	run.go      Run: one phase, from items to results
//	fns.go      the DoFns, in graph order
//	task.go     an item or a merge: looked for first, with its small files fetched, then run
//	record.go   records of finished items: a resumed night repeats only what is missing
//	kept.go     kept items: a later night adopts what an earlier one made of the same input
//	refs.go     the FileRefs in encoded items
//	probe.go    Probe: can the workers of an engine work for the lake
//	slots.go    the process-wide bound on items at work
//	seat.go     the slot of an item, lent while it waits for the disk
//	live.go     what a process knows of its running phases: first error, progress
//	runner.go   prism and direct
//	prism.go    a pipeline on prism in this process, without leftovers
//
// Invariants. Results never depend on the runner, the number of workers or the order of completion: values reach Merge by
// (item, emission), results leave by key. A value or result is at most MaxElementBytes, and items name files. The items of a bundle run concurrently,
// because runners split bundles late or never; they are emitted in FinishBundle, because emitters are not safe for
// concurrent use. Counters: work/items, work/elements, work/shuffled_bytes, work/element_bytes,
// work/max_element_bytes, and work/kept_hits and work/kept_made in stages with kept phases.
package work
