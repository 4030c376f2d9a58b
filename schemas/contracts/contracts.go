// Package contracts holds a data contract for each published table, in the Open Data Contract Standard v3.1.0.
//
//	<table>.odcs.yaml  the contract: columns with types and meaning, key, order; made from the rows by make contracts
//	contracts.go       Contract: the contracts inside the program
package contracts

import "embed"

//go:embed *.odcs.yaml
var files embed.FS

// Contract returns the contract of a published table as YAML; false when there is no such table.
func Contract(table string) ([]byte, bool) {
	data, err := files.ReadFile(table + ".odcs.yaml")
	return data, err == nil
}
