package knn

import "sync"

// queue hands out tasks in order, skipping those whose lists another task is changing.
type queue struct {
	mu    sync.Mutex
	freed *sync.Cond
	tasks []task
	after []int32 // next task not yet handed out, a list that starts at after[len(tasks)]
	busy  []bool  // by lock
}

func newQueue(tasks []task, locks int) *queue {
	q := &queue{tasks: tasks, after: make([]int32, len(tasks)+1), busy: make([]bool, locks)}
	q.freed = sync.NewCond(&q.mu)
	for i := range tasks {
		q.after[i] = int32(i + 1)
	}
	q.after[len(tasks)] = 0
	return q
}

// next returns the first task that may run, waiting for one; false when all are handed out.
func (q *queue) next() (task, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	end := int32(len(q.tasks))
	for q.after[end] != end {
		for before, i := end, q.after[end]; i != end; before, i = i, q.after[i] {
			t := q.tasks[i]
			if q.busy[t.queries.lock] || t.both && q.busy[t.base.lock] {
				continue
			}
			q.after[before] = q.after[i]
			q.busy[t.queries.lock] = true
			if t.both {
				q.busy[t.base.lock] = true
			}
			return t, true
		}
		q.freed.Wait()
	}
	return task{}, false
}

// done frees the lists of a task.
func (q *queue) done(t task) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy[t.queries.lock] = false
	if t.both {
		q.busy[t.base.lock] = false
	}
	q.freed.Broadcast()
}
