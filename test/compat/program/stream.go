// stream URL TICKET: the same by net/http and a bufio.Scanner with its usual buffer of 64 KiB.
package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"strings"
)

func main() {
	answer, err := http.Get(os.Args[1] + "?tail=10000&ticket=" + os.Args[2])
	if err != nil {
		panic(err)
	}
	entries, done := 0, 0
	scanner := bufio.NewScanner(answer.Body)
	for scanner.Scan() {
		switch {
		case strings.HasPrefix(scanner.Text(), "event: log"):
			entries++
		case strings.HasPrefix(scanner.Text(), "event: done"):
			done++
		}
	}
	if err := scanner.Err(); err != nil {
		panic(err)
	}
	fmt.Printf("{\"entries\":%d,\"done\":%d}\n", entries, done)
}
