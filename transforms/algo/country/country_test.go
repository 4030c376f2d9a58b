package country

import "testing"

// Codes are recognised in any case and length; what is no country is unknown.
func TestCode(t *testing.T) {
	for in, want := range map[string]string{
		"SE": "SE", "se": "SE", " us ": "US", "USA": "US", "gbr": "GB", "UK": "GB", "XK": "XK", "BV": "BV",
		"": "", "S": "", "Sweden": "", "ZZ": "", "EU": "", "??": "", "001": "", "12": "", "XX": "", "QQ": "", "s\xff": "",
	} {
		if got := Code(in); got != want {
			t.Errorf("Code(%q) = %q, want %q", in, got, want)
		}
	}
}
