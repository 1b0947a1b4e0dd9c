type Flags = Record<string, boolean>;

const served: Flags = JSON.parse(document.getElementById("flags")?.textContent ?? "{}");

export const flags = {
  isOn: (key: string): boolean => served[key] ?? false,
};
