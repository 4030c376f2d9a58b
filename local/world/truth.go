package world

import (
	"encoding/json"
	"fmt"
	"os"
)

// moodPeaks are the planted local hours [from, to) at which a mood is heard as often as it is drawn; elsewhere less.
var moodPeaks = map[string][2]int{
	"calm": {21, 24}, "energetic": {6, 10}, "focus": {9, 17}, "happy": {12, 20}, "romantic": {19, 24}, "sad": {0, 6},
}

// devicePeaks are moods a device is used for more than others.
var devicePeaks = map[string]string{"speaker": "happy", "tv": "calm", "car": "energetic", "desktop": "focus"}

// Chances that a drawn song is accepted outside and at its mood's hours.
const (
	offPeak = 0.3
	onPeak  = 0.9
)

// moodWeight returns the chance that a song of that mood is accepted at a local hour on a device.
func moodWeight(mood string, hour int, device string) float64 {
	w := offPeak
	if peak := moodPeaks[mood]; hour >= peak[0] && hour < peak[1] {
		w = onPeak
	}
	if devicePeaks[device] == mood {
		w += 0.1
	}
	return w
}

// Truth is what was planted in a world: truth.json.
type Truth struct {
	Seed        uint64              `json:"seed"`
	Date        string              `json:"date"` // last day of plays
	MoodPeaks   map[string][2]int   `json:"mood_peaks"`
	DevicePeaks map[string]string   `json:"device_peaks"`
	OnPeak      float64             `json:"on_peak"`
	OffPeak     float64             `json:"off_peak"`
	Styles      map[string][]string `json:"styles"`    // style → song ids, most popular first
	Moods       map[string]string   `json:"moods"`     // song id → mood it is played by, told or not
	Listeners   map[string][]string `json:"listeners"` // user id → styles
}

func writeTruth(path string, p Params, c *catalogue, who *people) error {
	t := Truth{
		Seed: p.Seed, Date: p.Last().Format("2006-01-02"), MoodPeaks: moodPeaks, DevicePeaks: devicePeaks, OnPeak: onPeak, OffPeak: offPeak,
		Styles: map[string][]string{}, Moods: map[string]string{}, Listeners: map[string][]string{},
	}
	for s, songs := range c.styles {
		for _, i := range songs {
			t.Styles[styleName(s)] = append(t.Styles[styleName(s)], c.songs[i].id)
			t.Moods[c.songs[i].id] = c.songs[i].mood
		}
	}
	for _, l := range who.all {
		for _, s := range l.styles {
			t.Listeners[l.id] = append(t.Listeners[l.id], styleName(s))
		}
	}
	b, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}

func styleName(s int) string { return fmt.Sprintf("style-%03d", s) }
