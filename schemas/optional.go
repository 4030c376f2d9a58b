package schemas

// Optional reports whether a night publishes a table only when its settings ask for it.
func Optional(table string) bool { return table == TableCandidates }
