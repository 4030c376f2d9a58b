// Package device maps what inputs call a playback device to one taxonomy.
//
//	device.go  Class and the table of words
package device

import "strings"

// Classes of devices.
const (
	Unknown = "unknown" // nothing given
	Phone   = "phone"
	Tablet  = "tablet"
	Desktop = "desktop"
	Web     = "web" // a browser on an unknown machine
	Speaker = "speaker"
	TV      = "tv"
	Car     = "car"
	Watch   = "watch"
	Console = "console" // games
	Radio   = "radio"   // a broadcast
	Concert = "concert" // a performance
	Other   = "other"   // given, but none of the above
)

// words decide the class: the first entry that has a word of the name wins, so that "Android TV" is a TV and
// "Windows Phone" a phone.
var words = []struct {
	class string
	any   []string
}{
	{Watch, []string{"watch", "wearos", "wear", "garmin", "fitbit"}},
	{Car, []string{"car", "carplay", "auto", "automotive", "vehicle", "tesla"}},
	{TV, []string{"tv", "television", "appletv", "androidtv", "tvos", "roku", "chromecast", "firetv", "webos", "tizen", "bravia", "stb"}},
	{Console, []string{"console", "playstation", "ps3", "ps4", "ps5", "xbox", "nintendo", "switch", "game"}},
	{Speaker, []string{"speaker", "smartspeaker", "sonos", "echo", "alexa", "homepod", "cast", "avr", "soundbar", "hifi"}},
	{Tablet, []string{"tablet", "ipad", "ipados", "kindle"}},
	{Phone, []string{"phone", "smartphone", "iphone", "mobile", "ios", "android", "ipod", "handset", "pixel", "galaxy"}},
	{Web, []string{"web", "webplayer", "browser", "chrome", "firefox", "safari", "edge"}},
	{Desktop, []string{"desktop", "computer", "pc", "laptop", "notebook", "windows", "mac", "macos", "osx", "linux", "macbook", "imac", "ubuntu"}},
	{Radio, []string{"radio", "fm", "am", "dab", "broadcast"}},
	{Concert, []string{"concert", "live", "performance", "hall"}},
}

var classOf = func() map[string]int {
	m := map[string]int{}
	for i, w := range words {
		for _, s := range w.any {
			m[s] = i
		}
	}
	return m
}()

// Class returns the class of a device name: by its words, letters and digits in any case; Unknown for "" and spaces, Other
// for a name without a known word. A class is its own class.
func Class(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" || name == Unknown {
		return Unknown
	}
	best := len(words)
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'z') }) {
		if i, ok := classOf[w]; ok {
			best = min(best, i)
		}
	}
	if best == len(words) {
		return Other
	}
	return words[best].class
}
