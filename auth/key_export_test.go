package auth

// SealedRow returns the row of a key, as a store keeps it.
func SealedRow(k *Key, secret string) (StoredKey, error) {
	sealer, err := NewSealer(secret)
	if err != nil {
		return StoredKey{}, err
	}
	return sealKey(k, sealer)
}
