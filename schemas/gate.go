package schemas

// States of a GateRule.
const (
	GateOK   = "ok"
	GateWarn = "warn" // published all the same
	GateFail = "fail" // kept as a candidate
)

// GateRule is one row of table gate: a rule applied to one subject of a night.
type GateRule struct {
	Rule    string   `parquet:"rule,dict"`             // name of the rule
	Subject string   `parquet:"subject,dict"`          // table, column, counter or stratum
	Status  string   `parquet:"status,dict"`           // GateOK, GateWarn or GateFail
	Figure  *float64 `parquet:"figure,optional,plain"` // what was measured; null = nothing
	Bound   *float64 `parquet:"bound,optional,plain"`  // beyond it the rule fails; nil = none
	Detail  string   `parquet:"detail,plain"`          // what the figure is
	Advice  string   `parquet:"advice,dict"`           // what to do; "" when the rule holds
}
