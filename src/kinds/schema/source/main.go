// Writes api.txt, and internal.txt of the folder above, from Kubernetes' own Go modules:
//
//	go run .
//
// Only a new release of Kubernetes needs it: change the versions in go.mod.
package main

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strings"

	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/generated/openapi"
)

// Types that the table names as they are; what is no struct there has no fields.
var opaque = map[string]string{
	"Time": "Time", "MicroTime": "MicroTime", "Quantity": "Quantity", "IntOrString": "IntOrString",
	"RawExtension": "Any", "FieldsV1": "Any", "Duration": "s", "Object": "Any",
}

var basic = map[reflect.Kind]string{
	reflect.String: "s", reflect.Bool: "b", reflect.Int32: "i32", reflect.Uint8: "i32", reflect.Uint16: "i32",
	reflect.Int: "i64", reflect.Int64: "i64", reflect.Uint64: "i64", reflect.Float64: "f64", reflect.Interface: "Any",
}

var definitions = openapi.GetOpenAPIDefinitions(func(path string) spec.Ref { return spec.MustCreateRef(path) })

// core/v1 of k8s.io/api/core/v1; meta/v1 of k8s.io/apimachinery/pkg/apis/meta/v1.
func qualified(t reflect.Type) string {
	path := strings.Split(t.PkgPath(), "/")
	return strings.Join(path[max(0, len(path)-2):], "/") + "." + t.Name()
}

func definition(t reflect.Type) common.OpenAPIDefinition {
	return definitions[t.PkgPath()+"."+t.Name()]
}

type api struct {
	rows map[string][]string
}

// A type as the table writes it, seen from a package: names of other packages carry theirs.
func (a *api) encode(t reflect.Type, from string) string {
	switch {
	case t.Name() != "" && opaque[t.Name()] != "":
		if text := definition(t).Schema.Description; text != "" {
			a.rows[qualified(t)] = []string{qualified(t) + "\t" + escape(text)}
		}
		return opaque[t.Name()]
	case t.Name() != "" && t.PkgPath() != "":
		a.add(t)
		if t.PkgPath() == from {
			return t.Name()
		}
		return qualified(t)
	case t.Kind() == reflect.Pointer:
		return "*" + a.encode(t.Elem(), from)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return "y"
	case t.Kind() == reflect.Slice:
		return "[]" + a.encode(t.Elem(), from)
	case t.Kind() == reflect.Map:
		return "{}" + a.encode(t.Elem(), from)
	}
	return basic[t.Kind()]
}

type field struct {
	name, tag string
	omitempty bool
	t         reflect.Type
	patch     reflect.StructTag
}

// The fields of a struct with those of the structs embedded in it.
func flat(t reflect.Type) (fields []field) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case tag == "-":
		case tag == "" && f.Anonymous && inner.Kind() == reflect.Struct:
			fields = append(fields, flat(inner)...)
		case tag != "":
			fields = append(fields, field{f.Name, tag, strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero"), f.Type, f.Tag})
		}
	}
	return
}

func escape(text string) string {
	return strings.NewReplacer("\\", "\\\\", "\n", "\\n", "\t", "\\t").Replace(text)
}

var meaning = regexp.MustCompile("(?m)^ - `\"([^\"]*)\"`(.*)$")

// A text without the list of values behind it, and what each value means.
func split(text string, values []any) (string, []string) {
	text, list, _ := strings.Cut(text, "\n\nPossible enum values:\n")
	found := map[string]string{}
	for _, match := range meaning.FindAllStringSubmatch(list, -1) {
		found[match[1]] = strings.TrimSpace(match[2])
	}
	var meanings []string
	for _, value := range values {
		meanings = append(meanings, escape(found[value.(string)]))
	}
	if strings.Join(meanings, "") == "" {
		meanings = nil
	}
	return escape(text), meanings
}

// The list's or the map's items where there are any, with the same extensions.
func item(schema spec.Schema) spec.Schema {
	if schema.Items != nil {
		return *schema.Items.Schema
	}
	if schema.AdditionalProperties != nil {
		return *schema.AdditionalProperties.Schema
	}
	return schema
}

func (a *api) add(t reflect.Type) {
	key := qualified(t)
	if _, known := a.rows[key]; known {
		return
	}
	a.rows[key] = nil
	if.t.Kind() != reflect.Struct {
		under := basic[t.Kind()]
		switch t.Kind() {
		case reflect.Slice:
			under = "[]" + a.encode(t.Elem(), t.PkgPath())
		case reflect.Map:
			under = "{}" + a.encode(t.Elem(), t.PkgPath())
		}
		a.rows[key] = []string{key + "\t=" + under}
		return
	}
	schema := definition(t).Schema
	lines := []string{key + "\t" + escape(schema.Description)}
	required := map[string]bool{}
	for _, name := range schema.Required {
		required[name] = true
	}
	for _, f := range flat(t) {
		property, known := schema.Properties[f.tag]
		kind := a.encode(f.t, t.PkgPath())
		cell := f.tag + " " + kind
		if required[f.tag] {
			cell += " !"
		} else if known && !f.omitempty && f.t.Kind() != reflect.Struct {
			cell += " ?"
		}
		items := item(property)
		if strings.HasSuffix(kind, "Any") {
			if reference := items.Ref.String(); reference != "" {
				cell += " @" + reference[strings.LastIndex(reference, ".")+1:]
			}
		}
		if key := f.patch.Get("patchMergeKey"); key != "" {
			cell += " #" + key
		}
		if strategy := f.patch.Get("patchStrategy"); strategy != "" {
			cell += " $" + strategy
		}
		values := property.Enum
		if property.Items != nil {
			values = items.Enum
		}
		if len(values) > 0 {
			var names []string
			for _, value := range values {
				names = append(names, value.(string))
			}
			cell += " ^" + strings.Join(names, ",")
		}
		text, meanings := split(property.Description, values)
		lines = append(lines, strings.TrimRight("\t"+strings.Join(append([]string{cell, text}, meanings...), "\t"), "\t"))
	}
	a.rows[key] = lines
}

// The server's own structs, whose Go names its messages show.
type internal struct {
	rows map[string]string
}

func (n *internal) encode(t reflect.Type) string {
	switch {
	case t.Name() == "Quantity" || t.Name() == "IntOrString":
		return t.Name()
	case t.Kind() == reflect.Pointer:
		return "*" + n.encode(t.Elem())
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return "y"
	case t.Kind() == reflect.Slice:
		return "[]" + n.encode(t.Elem())
	case t.Kind() == reflect.Map:
		return "{}" + n.encode(t.Elem())
	case t.Kind() == reflect.Struct && t.PkgPath() == corePath:
		n.add(t)
		return t.Name()
	case t.Kind() == reflect.Struct:
		return "Any"
	}
	return basic[t.Kind()]
}

const corePath = "k8s.io/kubernetes/pkg/apis/core"

// The JSON names of the fields of the v1 struct with the name of a server's own, by Go name in lower case.
func tags(name string) map[string]string {
	found := map[string]string{}
	for _, t := range external {
		if t.PkgPath() == "k8s.io/api/core/v1" && t.Name() == name && t.Kind() == reflect.Struct {
			for _, f := range flat(t) {
				found[strings.ToLower(f.name)] = f.tag
			}
		}
	}
	return found
}

var external = map[string]reflect.Type{}

func collect(t reflect.Type) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || external[qualified(t)] != nil {
		return
	}
	external[qualified(t)] = t
	for i := range t.NumField() {
		collect(t.Field(i).Type)
	}
}

func (n *internal) add(t reflect.Type) {
	if _, known := n.rows[t.Name()]; known {
		return
	}
	n.rows[t.Name()] = ""
	own := tags(t.Name())
	outer := maps(own)
	if t.Name() == "PodSecurityContext" { // In v1 these are the pod's.
		for name, tag := range tags("PodSpec") {
			if strings.HasPrefix(name, "host") && name != "hostname" && name != "hostaliases" || name == "shareprocessnamespace" {
				own[name] = tag
			}
		}
	}
	cells := []string{t.Name()}
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			name := strings.ToLower(f.Name)
			if f.Anonymous && f.Type.Kind() == reflect.Struct {
				if f.Type.PkgPath() != corePath {
					continue // Metadata: its fields are the struct's own, and empty as a rule.
				}
				for inner, tag := range tags(f.Type.Name()) {
					own[inner] = tag
				}
				if outer[name] == "" {
					walk(f.Type)
					continue
				}
			}
			tag := own[name]
			if tag == "" {
				tag = "-"
			}
			cells = append(cells, f.Name+" "+tag+" "+n.encode(f.Type))
		}
	}
	walk(t)
	n.rows[t.Name()] = strings.Join(cells, "\t")
}

func maps(from map[string]string) map[string]string {
	to := map[string]string{}
	for key, value := range from {
		to[key] = value
	}
	return to
}

func write(name, head string, rows []string) {
	file, err := os.Create(name)
	if err != nil {
		panic(err)
	}
	out := bufio.NewWriter(file)
	fmt.Fprint(out, head)
	for _, row := range rows {
		fmt.Fprintln(out, row)
	}
	out.Flush()
}

const head = `# Every type of the stable groups of Kubernetes v1.34. Copyright The Kubernetes Authors, Apache License 2.0. Written by main.go.
# A line is a type and its text, or a type that is another one (=). Below a struct, indented: a field as types.txt has it (a type of another
# package with its package), its text, and what each value of its enumeration means, behind tabs; \n, \t and \\ are escaped.
`

func main() {
	a := &api{map[string][]string{}}
	for kind, t := range scheme.Scheme.AllKnownTypes() {
		stable := kind.Version == "v1" || kind.Group == "autoscaling" && kind.Version == "v2"
		if stable && strings.HasPrefix(t.PkgPath(), "k8s.io/api/") && !strings.HasSuffix(kind.Kind, "List") {
			a.add(t)
			collect(t)
		}
	}
	var keys, lines, servers []string
	for key := range a.rows {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		lines = append(lines, a.rows[key]...)
	}
	write("api.txt", head, lines)
	n := &internal{map[string]string{}}
	for _, root := range []any{core.PersistentVolumeClaimSpec{}, core.PodSpec{}, core.PersistentVolumeSource{}} {
		n.add(reflect.TypeOf(root))
	}
	for _, row := range n.rows {
		servers = append(servers, row)
	}
	sort.Strings(servers)
	write("../internal.txt", "", servers)
}
