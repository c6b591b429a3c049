// Says what BuildKit makes of Dockerfiles and of words, for the tests to compare with.
//
// Reads a JSON object from standard input: "files", a list of Dockerfiles in base64; "words", a list of
// words with values and lexer settings. Writes one object with a list of results for each.
package main

import (
	"bytes"
	"encoding/json"
	"os"
	"sort"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

type wordCase struct {
	Word      string            `json:"word"`
	Values    map[string]string `json:"values"`
	Escape    string            `json:"escape"`
	RawQuotes bool              `json:"raw_quotes"`
	RawEscape bool              `json:"raw_escapes"`
	NoQuotes  bool              `json:"no_quotes"`
	KeepUnset bool              `json:"keep_unset"`
}

type input struct {
	Files [][]byte   `json:"files"`
	Words []wordCase `json:"words"`
}

type heredoc struct {
	Name, Content   string
	Descriptor      uint
	Expands, Chomps bool
}

type instruction struct {
	Name, Text    string
	Line, EndLine int
	Flags         []string
	Heredocs      []heredoc
	Comments      []string
	Facts         map[string]any
}

type file struct {
	Error        string
	ErrorLine    int
	Escape       string
	Warnings     int
	Instructions []instruction
}

type word struct {
	Error     string
	Text      string
	Words     []string
	Matched   []string
	Unmatched []string
}

func readFile(text []byte) (result file) {
	defer func() {
		if broken := recover(); broken != nil {
			result = file{Error: "panic"}
		}
	}()
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return file{Error: err.Error(), ErrorLine: errorLine(err)}
	}
	result.Escape = string(parsed.EscapeToken)
	result.Warnings = len(parsed.Warnings)
	stages := 0
	for _, node := range parsed.AST.Children {
		one := instruction{
			Name: strings.ToUpper(node.Value), Text: node.Original, Line: node.StartLine, EndLine: node.EndLine,
			Flags: node.Flags, Comments: node.PrevComment,
		}
		for _, doc := range node.Heredocs {
			one.Heredocs = append(one.Heredocs, heredoc{doc.Name, doc.Content, doc.FileDescriptor, doc.Expand, doc.Chomp})
		}
		value, err := instructions.ParseInstruction(node)
		if err != nil {
			result.Error, result.ErrorLine = err.Error(), node.StartLine
			return result
		}
		if _, isStage := value.(*instructions.Stage); isStage {
			stages++
		}
		one.Facts = facts(value)
		result.Instructions = append(result.Instructions, one)
	}
	if _, _, err := instructions.Parse(parsed.AST, nil); err != nil {
		result.Error, result.ErrorLine = err.Error(), errorLine(err)
	} else if stages == 0 {
		result.Error = "no stage"
	}
	return result
}

func errorLine(err error) int {
	type located interface{ Unwrap() error }
	for err != nil {
		if found, ok := err.(*parser.LocationError); ok {
			return found.Locations[0][0].Start.Line
		}
		next, ok := err.(located)
		if !ok {
			return 0
		}
		err = next.Unwrap()
	}
	return 0
}

func command(line instructions.ShellDependantCmdLine) map[string]any {
	return map[string]any{"words": line.CmdLine, "exec": !line.PrependShell}
}

func pairs(list instructions.KeyValuePairs) map[string]any {
	all := [][]any{}
	for _, one := range list {
		all = append(all, []any{one.Key, one.Value, !one.NoDelim})
	}
	return map[string]any{"pairs": all}
}

func transfer(paths instructions.SourcesAndDest) map[string]any {
	inline := [][]any{}
	for _, one := range paths.SourceContents {
		inline = append(inline, []any{one.Path, one.Data, one.Expand})
	}
	return map[string]any{"sources": paths.SourcePaths, "target": paths.DestPath, "inline": inline}
}

func facts(value any) map[string]any {
	switch one := value.(type) {
	case *instructions.Stage:
		return map[string]any{"image": one.BaseName, "stage": one.Name, "platform": one.Platform}
	case *instructions.RunCommand:
		return command(one.ShellDependantCmdLine)
	case *instructions.CmdCommand:
		return command(one.ShellDependantCmdLine)
	case *instructions.EntrypointCommand:
		return command(one.ShellDependantCmdLine)
	case *instructions.ShellCommand:
		return map[string]any{"words": one.Shell}
	case *instructions.CopyCommand:
		return transfer(one.SourcesAndDest)
	case *instructions.AddCommand:
		return transfer(one.SourcesAndDest)
	case *instructions.EnvCommand:
		return pairs(one.Env)
	case *instructions.LabelCommand:
		return pairs(one.Labels)
	case *instructions.ArgCommand:
		all := [][]any{}
		for _, arg := range one.Args {
			all = append(all, []any{arg.Key, arg.Value})
		}
		return map[string]any{"definitions": all}
	case *instructions.ExposeCommand:
		return map[string]any{"words": one.Ports}
	case *instructions.VolumeCommand:
		return map[string]any{"words": one.Volumes}
	case *instructions.UserCommand:
		return map[string]any{"word": one.User}
	case *instructions.WorkdirCommand:
		return map[string]any{"word": one.Path}
	case *instructions.StopSignalCommand:
		return map[string]any{"word": one.Signal}
	case *instructions.MaintainerCommand:
		return map[string]any{"word": one.Maintainer}
	case *instructions.HealthCheckCommand:
		return map[string]any{
			"test": one.Health.Test, "retries": one.Health.Retries,
			"durations": []int64{
				int64(one.Health.Interval), int64(one.Health.Timeout),
				int64(one.Health.StartPeriod), int64(one.Health.StartInterval),
			},
		}
	case *instructions.OnbuildCommand:
		return map[string]any{"expression": one.Expression}
	}
	return nil
}

func names(set map[string]struct{}) []string {
	list := []string{}
	for name := range set {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}

func readWord(one wordCase) (result word) {
	list := []string{}
	for name, value := range one.Values {
		list = append(list, name+"="+value)
	}
	lexer := shell.NewLex([]rune(one.Escape)[0])
	lexer.RawQuotes, lexer.RawEscapes = one.RawQuotes, one.RawEscape
	lexer.SkipProcessQuotes, lexer.SkipUnsetEnv = one.NoQuotes, one.KeepUnset
	found, err := lexer.ProcessWordWithMatches(one.Word, shell.EnvsFromSlice(list))
	if err != nil {
		return word{Error: err.Error()}
	}
	return word{Text: found.Result, Words: found.Words, Matched: names(found.Matched), Unmatched: names(found.Unmatched)}
}

func main() {
	var cases input
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	files, words := []file{}, []word{}
	for _, text := range cases.Files {
		files = append(files, readFile(text))
	}
	for _, one := range cases.Words {
		words = append(words, readWord(one))
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{"files": files, "words": words})
}
