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

// UserProfile is one row of table user_profiles.
type UserProfile struct {
	UserID      string       `parquet:"user_id,plain"`
	Region      string       `parquet:"region,dict"` // home country; "" = unknown
	Plays       int64        `parquet:"plays,plain"`
	Songs       int64        `parquet:"songs,plain"` // distinct songs
	Likes       int64        `parquet:"likes,plain"`
	Skips       int64        `parquet:"skips,plain"`
	FirstPlayAt *time.Time   `parquet:"first_play_at,optional,timestamp(microsecond)"`
	LastPlayAt  *time.Time   `parquet:"last_play_at,optional,timestamp(microsecond)"`
	Taste       []float32    `parquet:"taste,list,uncompressed" parquet-element:"element,plain"` // unit length; empty = no song with a vector
	Favourites  []Seed       `parquet:"favourites,list"`                                         // weight falling, ties by song_id
	Devices     []NamedCount `parquet:"devices,list"`                                            // count falling, ties by name
	Moods       []ClassShare `parquet:"moods,list"`                                              // by day part, then share falling
	MainDayPart string       `parquet:"main_day_part,dict"`                                      // "" = unknown
	MainDevice  string       `parquet:"main_device,dict"`                                        // "" = unknown
}
