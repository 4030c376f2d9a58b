package schemas

import "time"

// Seed is one favourite song of a listener with its weight.
type Seed struct {
	SongID string  `parquet:"song_id,dict"`
	Weight float32 `parquet:"weight,plain"`
}

// ClassShare is the share of one class in one day part of a listener.
type ClassShare struct {
	DayPart string  `parquet:"day_part,dict"`
	Class   string  `parquet:"class,dict"`
	Share   float32 `parquet:"share,plain"`
}

// NamedCount is a count of one named thing, such as plays on a device.
type NamedCount struct {
	Name  string `parquet:"name,dict"`
	Count int64  `parquet:"count,plain"`
}

// ContextShare is the part of a listener's recent plays in one context.
type ContextShare struct {
	Weekpart string  `parquet:"weekpart,dict"` // Weekday or Weekend by the local date
	DayPart  string  `parquet:"day_part,dict"`
	Device   string  `parquet:"device,dict"`
	Share    float32 `parquet:"share,plain"` // of plays with known local time, each halved per 14 days of age
}

// NamedShare is the part of one named thing.
type NamedShare struct {
	Name  string  `parquet:"name,dict"`   // what has the share
	Share float32 `parquet:"share,plain"` // [0,1]
}

// Histories of a UserProfile, by plays.
const (
	HistoryNone = "none" // no play
	HistoryFew  = "few"  // 1 to 9
	HistorySome = "some" // 10 to 24
	HistoryWarm = "warm" // 25 and more
)

// Ways a UserProfile came by its persona.
const (
	PersonaByTaste   = "taste"   // nearest centre
	PersonaBySignals = "signals" // country, device and picked genres, for want of a history
)

// UserProfile is one row of table user_profiles. Weights halve per half-life of days before the listener's last event.
//
// Mixes are shrunk: with n decayed plays in a day part, a share is (n·own + 20·prior)/(n + 20); the prior is the persona's
// share in that day part, drawn towards the share of all listeners in the same way.
type UserProfile struct {
	UserID         string         `parquet:"user_id,plain"`
	Region         string         `parquet:"region,dict"`            // home country: of most days with events, else the user's; "" = unknown
	History        string         `parquet:"history,dict"`           // HistoryNone, HistoryFew, HistorySome or HistoryWarm
	Persona        *int32         `parquet:"persona,optional,plain"` // number in table personas; nil = nothing to tell it from
	PersonaBy      string         `parquet:"persona_by,dict"`        // PersonaByTaste or PersonaBySignals; "" = no persona
	Plays          int64          `parquet:"plays,plain"`
	Songs          int64          `parquet:"songs,plain"` // distinct songs
	Likes          int64          `parquet:"likes,plain"`
	Skips          int64          `parquet:"skips,plain"`
	Days           int64          `parquet:"days,plain"` // UTC days with a play
	FirstPlayAt    *time.Time     `parquet:"first_play_at,optional,timestamp(microsecond)"`
	LastPlayAt     *time.Time     `parquet:"last_play_at,optional,timestamp(microsecond)"`
	Taste          []float32      `parquet:"taste,list,uncompressed" parquet-element:"element,plain"`           // unit length, long memory; empty = no song with a vector
	Recent         []float32      `parquet:"recent,list,uncompressed" parquet-element:"element,plain"`          // the same with a half-life of 7 days
	ClusterWeights []float32      `parquet:"cluster_weights,list" parquet-element:"element,plain"`              // parts of the taste, falling, sum 1; up to 3; empty = no taste
	ClusterVectors []float32      `parquet:"cluster_vectors,list,uncompressed" parquet-element:"element,plain"` // unit vectors of the clusters, one after the other; empty when there is one: taste stands for it
	Favourites     []Seed         `parquet:"favourites,list"`                                                   // weight falling, ties by song_id
	Artists        []NamedShare   `parquet:"artists,list"`                                                      // first artists of liked songs by id, share of their weight falling; up to 10
	Devices        []NamedCount   `parquet:"devices,list"`                                                      // plays, count falling, ties by name
	Places         []NamedCount   `parquet:"places,list"`                                                       // plays where a place was given, count falling, ties by name
	Moods          []ClassShare   `parquet:"moods,list"`                                                        // of day parts with plays, then share falling; up to 8 a day part; shrunk
	Genres         []ClassShare   `parquet:"genres,list"`                                                       // the same; up to 8 a day part
	Contexts       []ContextShare `parquet:"contexts,list"`                                                     // of the last 28 days before the last event, share falling; up to 6
	MainDayPart    string         `parquet:"main_day_part,dict"`                                                // "" = unknown
	MainDevice     string         `parquet:"main_device,dict"`                                                  // "" = unknown
}

// ClassLift is how much more of a class there is than anywhere.
type ClassLift struct {
	Class string  `parquet:"class,dict"`
	Share float32 `parquet:"share,plain"` // part of the persona's plays, [0,1]
	Lift  float32 `parquet:"lift,plain"`  // share over that of all listeners, both shrunk by 20 plays
}

// Persona is one row of table personas: a segment of warm listeners, under the same number from night to night.
type Persona struct {
	Persona    int32        `parquet:"persona,plain"`                                            // number; never given again to another segment
	Label      string       `parquet:"label,plain"`                                              // most distinctive genres, mood and day part
	Listeners  int64        `parquet:"listeners,plain"`                                          // all listeners with the persona, by taste or signals
	Share      float64      `parquet:"share,plain"`                                              // of all listeners with a persona
	Members    int64        `parquet:"members,plain"`                                            // warm listeners that the figures of the row are of: all, or a sample
	Stability  float64      `parquet:"stability,plain"`                                          // how far cuts into as many personas from two halves of the listeners agree: adjusted Rand index, at most 1
	Kept       int64        `parquet:"kept,plain"`                                               // members who had the persona last night too
	Joined     int64        `parquet:"joined,plain"`                                             // members who had another one or none last night
	Left       int64        `parquet:"left,plain"`                                               // warm listeners, of the same sample, who had the persona last night and have another one
	Genres     []ClassLift  `parquet:"genres,list"`                                              // most distinctive first, lift above 1; up to 5
	Moods      []ClassLift  `parquet:"moods,list"`                                               // most distinctive first, lift above 1; up to 3
	DayParts   []ClassLift  `parquet:"day_parts,list"`                                           // all, most distinctive first
	HourShares []float32    `parquet:"hour_shares,list" parquet-element:"element,plain"`         // part of plays with known local time by local hour 0–23; empty = no play has one
	Devices    []NamedShare `parquet:"devices,list"`                                             // main device of members, share falling, ties by name
	Regions    []NamedShare `parquet:"regions,list"`                                             // home countries of members, share falling, ties by name; up to 5
	Centre     []float32    `parquet:"centre,list,uncompressed" parquet-element:"element,plain"` // mean taste of members, not of unit length
}
