// Writes flags.txt and help.txt of the folder above, from kubectl's own Go module:
//
//	go run .
//
// Only a new release of kubectl needs it: change the version in go.mod. The forms of both files stand in ../flags.rs and ../help.rs.
package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"log"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/component-base/logs"
	"k8s.io/kubectl/pkg/cmd"
)

// The home directory that defaults name; ../help.rs puts the user's own in its place.
const home = "/root"

var (
	listed = regexp.MustCompile(`(?s)(?:Options:\n|any command:\n\n)(.*?)(?:\nUsage:\n|$)`)
	row    = regexp.MustCompile(`(?s)    ((?:-., )?--[\w-]+=.*?):\n\t(.*?)\n(?:\n|$)`)
	blanks = regexp.MustCompile(`(?m)^  $`)
	letter = regexp.MustCompile(`^-., `)
)

// kubectl as its main function makes it, writing to out.
func kubectl(out io.Writer) *cobra.Command {
	root := cmd.NewKubectlCommand(cmd.KubectlOptions{IOStreams: genericiooptions.IOStreams{Out: out, ErrOut: out}})
	root.SetOut(out)
	root.SetErr(out)
	logs.AddFlags(root.PersistentFlags())
	return root
}

// What kubectl prints to these words.
func output(words ...string) string {
	var printed bytes.Buffer
	root := kubectl(&printed)
	root.SetArgs(words)
	if err := root.Execute(); err != nil {
		log.Fatal(err)
	}
	return printed.String()
}

// A flag as flags.txt writes it.
func flagText(flag *pflag.Flag) string {
	text := flag.Name
	if flag.Shorthand != "" {
		text += "/" + flag.Shorthand
	}
	value := flag.DefValue
	switch kind := flag.Value.Type(); {
	case kind == "bool" || flag.NoOptDefVal == "true":
		text += "?" + strings.TrimPrefix(value, "false")
	case kind == "int" || kind == "int32" || kind == "int64" || kind == "uint16" || kind == "Level":
		text += "#" + value
	case kind == "duration":
		text += "%" + value
	case kind == "stringSlice" || kind == "stringToString" || kind == "mapStringString":
		text += "[]"
	case kind == "stringArray":
		text += "[*]"
	default:
		if flag.NoOptDefVal != "" {
			text += "~" + flag.NoOptDefVal
		}
		text += "=" + value
	}
	if _, required := flag.Annotations[cobra.BashCompOneRequiredFlag]; required {
		text += "!"
	}
	return text
}

// The flags of a command that not every command has: those that help shows, then the hidden ones.
func flagsOf(command *cobra.Command) string {
	var shown, hidden []string
	command.InitDefaultHelpFlag()
	command.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
		switch {
		case flag.Name == "help":
		case flag.Hidden:
			hidden = append(hidden, flagText(flag))
		default:
			shown = append(shown, flagText(flag))
		}
	})
	return strings.Join(append(shown, hidden...), " ")
}

// A flag as a page shows it: such as "-f, --filename=[]", and its text.
type option struct {
	heading, text string
}

// Options are sorted by their names, then by the whole.
func byName(a, b option) int {
	name := func(one option) string { return letter.ReplaceAllString(one.heading, "") }
	return cmp.Or(strings.Compare(name(a), name(b)), strings.Compare(a.heading, b.heading), strings.Compare(a.text, b.text))
}

type page struct {
	name, head, tail string
	options          []option
}

// A page, with the rows of its flags apart.
func split(name, text string) page {
	at := listed.FindStringSubmatchIndex(text)
	if at == nil || name == "help" {
		return page{name: name, head: text}
	}
	found := page{name: name, head: text[:at[2]], tail: strings.TrimLeft(text[at[3]:], "\n")}
	for _, parts := range row.FindAllStringSubmatch(text[at[2]:at[3]], -1) {
		found.options = append(found.options, option{parts[1], parts[2]})
	}
	if len(found.options) == 0 {
		return page{name: name, head: text}
	}
	return found
}

func walk(command *cobra.Command, words []string, pages *[]page, flags map[string]string) {
	name := strings.Join(words, " ")
	*pages = append(*pages, split(name, output(append(words, "--help")...)))
	if len(words) > 0 {
		flags[name] = flagsOf(command)
	}
	for _, below := range command.Commands() {
		if below.IsAvailableCommand() && below.Name() != "help" && below.Name() != "options" {
			walk(below, append(slices.Clone(words), below.Name()), pages, flags)
		}
	}
}

func write(path, text string) {
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}

func main() {
	os.Setenv("HOME", home)
	os.Unsetenv("KUBECONFIG")
	root := kubectl(io.Discard)
	var pages []page
	flags := map[string]string{}
	walk(root, nil, &pages, flags)
	pages = append(pages, split("options", output("options")), split("help", output("help", "--help")))
	var shared []string
	root.PersistentFlags().VisitAll(func(flag *pflag.Flag) { shared = append(shared, flagText(flag)) })
	flags["options"] = strings.Join(append(shared, "help/h?"), " ")

	var all []option
	for _, one := range pages {
		all = append(all, one.options...)
	}
	slices.SortFunc(all, byName)
	all = slices.Compact(all)
	slices.SortFunc(pages, func(a, b page) int { return strings.Compare(a.name, b.name) })

	var help, table strings.Builder
	for _, one := range all {
		help.WriteString(one.heading + ":\t" + one.text + "\n")
	}
	for _, one := range pages {
		text := blanks.ReplaceAllString(one.head, "")
		if len(one.options) > 0 {
			var numbers []string
			for _, option := range one.options {
				number, _ := slices.BinarySearchFunc(all, option, byName)
				numbers = append(numbers, fmt.Sprint(number))
			}
			text += "@" + strings.Join(numbers, " ") + "\n"
			if one.tail != "" {
				text += "\n" + one.tail
			}
		}
		help.WriteString("%" + one.name + "\n" + strings.Trim(text, "\n") + "\n")
		if words := flags[one.name]; words != "" {
			table.WriteString(one.name + "\t" + words + "\n")
		}
	}
	write("../help.txt", help.String())
	write("../flags.txt", table.String())
}
