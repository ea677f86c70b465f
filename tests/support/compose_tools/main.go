// What the tests ask Docker's own code, in JSON: how Compose understands a file, and what of a folder an image may
// take.
//
//	compose_tools config FILE            variables come from the environment alone, never from a .env
//	compose_tools context FOLDER         the files that its .dockerignore lets through
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

func main() {
	answer, err := ask(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(answer)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func ask(args []string) (any, error) {
	if len(args) != 2 {
		return nil, errors.New("usage: compose_tools config FILE | context FOLDER")
	}
	switch args[0] {
	case "config":
		return config(args[1])
	case "context":
		return letThrough(args[1])
	}
	return nil, fmt.Errorf("there is no command %s", args[0])
}

// As `docker compose config` does, with the services of all profiles.
func config(file string) (any, error) {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithOsEnv, cli.WithProfiles([]string{"*"}))
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

func letThrough(folder string) ([]string, error) {
	file, err := os.Open(filepath.Join(folder, ".dockerignore"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		return nil, err
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, err
	}
	var files []string
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		ignored, err := matcher.MatchesOrParentMatches(relative)
		if err == nil && !ignored {
			files = append(files, relative)
		}
		return err
	})
	return files, err
}
