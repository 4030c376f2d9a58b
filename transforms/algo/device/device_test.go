package device

import "testing"

// Names of importers map to their class, classes to themselves, nothing to unknown and the rest to other.
func TestClass(t *testing.T) {
	for in, want := range map[string]string{
		"": Unknown, "  ": Unknown, "unknown": Unknown, "toaster": Other, "Ünïcode": Other,
		"iPhone 14 Pro": Phone, "Android OS 13 API 33 (samsung, SM-G991B)": Phone, "smartphone": Phone, "Windows Phone": Phone,
		"iPad (9th gen)": Tablet, "iOS tablet": Tablet, "Windows 10 (10.0.19045; x64)": Desktop, "OS X 13.1 [x86 8]": Other, "osx": Desktop,
		"Web Player": Web, "web_player windows 10;chrome 108": Web, "Partner sonos_ppc Sonos": Speaker, "Android TV": TV, "Apple TV": TV,
		"Partner google cast_tv": TV, "Android Auto": Car, "CarPlay": Car, "Apple Watch": Watch, "PS4": Console,
		"radio": Radio, "concert": Concert, "Smart-TV": TV,
	} {
		if got := Class(in); got != want {
			t.Errorf("Class(%q) = %q, want %q", in, got, want)
		}
	}
	for _, c := range []string{Unknown, Phone, Tablet, Desktop, Web, Speaker, TV, Car, Watch, Console, Radio, Concert, Other} {
		if Class(c) != c {
			t.Errorf("Class(%q) = %q", c, Class(c))
		}
	}
}
