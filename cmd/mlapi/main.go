// Command mlapi serves a machine-learning model over an authorised HTTPS API.
// Copy this file to make a server of your own parts: see examples.
package main

import "example.com/mlapi/app"

func main() { app.Main() }
