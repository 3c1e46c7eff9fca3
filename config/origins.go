package config

func setOrigins(c *Config, value string) *fault {
	entries, f := splitFilled(value)
	if f != nil {
		return f
	}
	for _, e := range entries {
		if e == "*" && len(entries) > 1 {
			return &fault{"has * beside other origins", "give * alone to admit every origin, or the origins without it"}
		}
	}
	c.CORS.Origins = entries
	return nil
}
