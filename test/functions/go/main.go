// Package main greets whoever an event names, with a UUID for each greeting.
package main

import (
	"fmt"

	"github.com/google/uuid"
)

// Handler takes the event's data and answers what the caller gets.
func Handler(data map[string]any) (any, error) {
	name, ok := data["name"].(string)
	if !ok {
		return nil, fmt.Errorf("no name in %v", data)
	}
	if uuid.NewString() == "" {
		return nil, fmt.Errorf("no id")
	}
	return map[string]any{"hello": name}, nil
}
