// Answers, for tests, what Docker's own libraries make of patterns, modes, git references and copies.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/dfgitutil"
	"github.com/moby/go-archive"
	"github.com/moby/go-archive/chrootarchive"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	mode "github.com/tonistiigi/dchapes-mode"
	copying "github.com/tonistiigi/fsutil/copy"
)

type question struct {
	Kind    string   `json:"kind"`
	Text    string   `json:"text"`
	Paths   []string `json:"paths"`
	Modes   []uint32 `json:"modes"`
	From    string   `json:"from"`
	To      string   `json:"to"`
	Sources []string `json:"sources"`
	Target  string   `json:"target"`
	Exclude []string `json:"exclude"`
	Include []string `json:"include"`
	Owner   []int    `json:"owner"`
	Chmod   string   `json:"chmod"`
}

type answer struct {
	Error string            `json:"error"`
	Fits  []bool            `json:"fits"`
	Modes []uint32          `json:"modes"`
	Git   *dfgitutil.GitRef `json:"git"`
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		panic(err)
	}
	answers := []answer{}
	for _, one := range questions {
		answers = append(answers, ask(one))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}

func ask(one question) (found answer) {
	var err error
	switch one.Kind {
	case "wildcard":
		for _, path := range one.Paths {
			fits, failed := filepath.Match(one.Text, path)
			if failed != nil {
				err = failed
			}
			found.Fits = append(found.Fits, fits)
		}
	case "ignore":
		found.Fits, err = ignore(one)
	case "mode":
		found.Modes, err = modes(one)
	case "git":
		found.Git, _, err = dfgitutil.ParseGitRef(one.Text)
	case "copy":
		err = copied(one)
	case "unpack":
		err = unpacked(one)
	default:
		err = fmt.Errorf("no such question: %s", one.Kind)
	}
	if err != nil {
		found.Error = err.Error()
	}
	return found
}

// Each path as a walk meets it: its folders come first, and what fits them is inherited.
func ignore(one question) ([]bool, error) {
	lines, err := ignorefile.ReadAll(strings.NewReader(one.Text))
	if err != nil {
		return nil, err
	}
	matcher, err := patternmatcher.New(lines)
	if err != nil {
		return nil, err
	}
	var all []bool
	for _, path := range one.Paths {
		var inherited patternmatcher.MatchInfo
		var ignored bool
		names := strings.Split(path, "/")
		for end := range names {
			ignored, inherited, err = matcher.MatchesUsingParentResults(strings.Join(names[:end+1], "/"), inherited)
			if err != nil {
				return nil, err
			}
		}
		all = append(all, ignored)
	}
	return all, nil
}

func modes(one question) ([]uint32, error) {
	set, err := mode.ParseWithUmask(one.Text, 0)
	if err != nil {
		return nil, err
	}
	var all []uint32
	for _, number := range one.Modes {
		before := os.FileMode(number & 0o777)
		for bit, flag := range map[uint32]os.FileMode{
			0o1000: os.ModeSticky, 0o2000: os.ModeSetgid, 0o4000: os.ModeSetuid, 0o40000: os.ModeDir,
		} {
			if number&bit != 0 {
				before |= flag
			}
		}
		after := set.Apply(before)
		bits := uint32(after.Perm())
		for bit, flag := range map[uint32]os.FileMode{
			0o1000: os.ModeSticky, 0o2000: os.ModeSetgid, 0o4000: os.ModeSetuid,
		} {
			if after&flag != 0 {
				bits |= bit
			}
		}
		all = append(all, bits)
	}
	return all, nil
}

// What BuildKit's COPY does with the sources of a context, one after the other.
func copied(one question) error {
	for _, source := range one.Sources {
		matches, err := copying.ResolveWildcards(one.From, kept(source), true)
		if err != nil {
			return err
		}
		for _, match := range matches {
			options := func(info *copying.CopyInfo) {
				info.ExcludePatterns = one.Exclude
				info.IncludePatterns = one.Include
				info.CopyDirContents = true
				info.FollowLinks = true
				if len(one.Owner) == 2 {
					info.Chown = func(*copying.User) (*copying.User, error) {
						return &copying.User{UID: one.Owner[0], GID: one.Owner[1]}, nil
					}
				}
				var octal int
				if _, err := fmt.Sscanf(one.Chmod, "%o", &octal); err == nil {
					info.Mode = &octal
				} else {
					info.ModeStr = one.Chmod
				}
			}
			if err := copying.Copy(context.Background(), one.From, match, one.To, kept(one.Target), options); err != nil {
				return err
			}
		}
	}
	return nil
}

// What BuildKit's ADD does with an archive.
func unpacked(one question) error {
	file, err := os.Open(one.From)
	if err != nil {
		return err
	}
	defer file.Close()
	options := &archive.TarOptions{BestEffortXattrs: true}
	if len(one.Owner) == 2 {
		options.ChownOpts = &archive.ChownOpts{UID: one.Owner[0], GID: one.Owner[1]}
	}
	return chrootarchive.Untar(file, one.To, options)
}

// A cleaned path that keeps the sign of a folder at its end.
func kept(path string) string {
	clean := filepath.Join("/", path)
	if clean == "/" {
		return clean
	}
	if strings.HasSuffix(path, "/.") {
		return clean + "/."
	}
	if strings.HasSuffix(path, "/") {
		return clean + "/"
	}
	return clean
}
