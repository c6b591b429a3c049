// Prints who it runs as, once a second.
package main

import (
	"fmt"
	"os/user"
	"time"
)

func main() {
	for {
		me, err := user.Current()
		if err != nil {
			panic(err)
		}
		fmt.Printf("user %s, id %s\n", me.Username, me.Uid)
		time.Sleep(time.Second)
	}
}
