// Package config turns the text a person wrote, in a .env file, in the environment
// or after a command, into the one struct that the rest of the program reads.
//
//	cfg, err := config.Load(config.Options{Environ: os.Environ()})
//	if err != nil {
//		var all config.Errors
//		if errors.As(err, &all) {
//			all.Print(os.Stderr) // error: and hint: lines, one pair for each fault
//		}
//		os.Exit(2)
//	}
//	for _, w := range cfg.Warnings {
//		slog.Warn(w.String())
//	}
//
// Three places are read, each over the one before it: the file .env in the working
// folder (its absence is fine), the environment, the flags of the command. The file
// is read by python-dotenv's rules, so that a file written for a Python program
// means the same here; dotenv.go says them.
//
// Nothing is guessed and nothing is passed over. A value that is not understood, a
// key that looks like ours but is not (MLAPI_PROT), two keys that contradict each
// other: each is an [Error] that names the key, the value (never that of a secret),
// the place it came from and what is allowed, and all of them are told at once. What
// is allowed but probably not meant is a [Warning].
//
// Every key is a row of one table (keys.go): its name, its default, what it means
// and the function that reads it. A new key is one row there, one field of [Config]
// and one paragraph in .env.example, and a test fails when one of them is missing.
//
// Load neither opens nor creates a file that a value names: a model that is not
// there, or a key that does not open, is found by the part that reads it.
package config
