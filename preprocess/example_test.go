package preprocess_test

import (
	"context"
	"fmt"
	"strings"

	"example.com/mlapi"
	"example.com/mlapi/preprocess"
)

func Example() {
	enc, err := preprocess.ReadEncodings(strings.NewReader("column,name,category,encoding\n0,protocol,TCP,0\n0,protocol,UDP,1\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	part, err := preprocess.NewCategorical(enc, nil, "")
	if err != nil {
		fmt.Println(err)
		return
	}

	var rows mlapi.Rows
	var m mlapi.Matrix
	rows.AppendText([]byte("udp"))
	rows.AppendNumber(0.5)
	if err := rows.EndRow(); err != nil {
		fmt.Println(err)
	}
	fmt.Println(part.Preprocess(context.Background(), &m, &rows), m.Row(0))

	rows.AppendText([]byte("ICMP"))
	rows.AppendNumber(0.5)
	if err := rows.EndRow(); err != nil {
		fmt.Println(err)
	}
	m.Reset(0)
	fmt.Println(part.Preprocess(context.Background(), &m, &rows))
	// Output:
	// <nil> [1 0.5]
	// unknown_category: Row 1, column 0 ("protocol"): "ICMP" is not a known category.
}
