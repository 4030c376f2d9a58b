package lake

import (
	"context"
	"fmt"
)

func openS3(ctx context.Context, url, rest string) (Store, error) {
	return nil, fmt.Errorf("open %s", url)
}
