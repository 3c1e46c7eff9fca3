package config

import "fmt"

// The names and passwords of the clients come in two lists of the same length, one
// key each. Each list is set into Auth.Clients on its own; that both fit together is
// found out when all keys are read (check.go), so each grows the slice as needed. An
// empty entry of either would let anybody in and is refused at once.

func setClientNames(c *Config, value string) *fault {
	for i, name := range split(value) {
		switch {
		case name == "":
			return &fault{fmt.Sprintf("has an empty name (number %d)", i+1), "give every client a name, in a comma list"}
		case !printable(name):
			return &fault{fmt.Sprintf("has a name with characters that cannot be printed (number %d)", i+1), "use letters, digits and punctuation"}
		}
		c.client(i).Name = name
	}
	return nil
}

func setClientPasswords(c *Config, value string) *fault {
	for i, password := range split(value) {
		if password == "" {
			return &fault{fmt.Sprintf("has an empty password (number %d)", i+1),
				"give every client of AUTH_CLIENTS_RESET_USN a password, in the same order; a password cannot have a comma"}
		}
		c.client(i).Password = Secret(password)
	}
	return nil
}

func (c *Config) client(i int) *Credential {
	for len(c.Auth.Clients) <= i {
		c.Auth.Clients = append(c.Auth.Clients, Credential{})
	}
	return &c.Auth.Clients[i]
}
